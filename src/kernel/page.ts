/** The part of a list that a request asks for. `page` counts from 1; `limit` is 1 to {@link maxPageLimit}. */
export interface PageRequest {
  page: number;
  limit: number;
}

export const maxPageLimit = 100;
export const defaultPageLimit = 20;

/** Lists count their entries up to this number, or up to the end of the requested page if that is further. */
const maxCounted = 10_000;

export interface Page<T> {
  data: T[];
  meta: {
    page: number;
    limit: number;
    total: number;
    totalPages: number;
    /** Set when the list has more entries than were counted. */
    totalIsLowerBound?: true;
  };
}

/** How many entries of a list a request counts for its total: counting a million rows at each request would cost too much. */
export const countNeeded = ({ page, limit }: PageRequest): number => Math.max(maxCounted, page * limit) + 1;

/** @param counted number of entries in the list; a count may stop at {@link countNeeded} */
export function pageOf<T>(data: T[], counted: number, request: PageRequest): Page<T> {
  const { page, limit } = request;
  const needed = countNeeded(request);
  const total = Math.min(counted, needed);
  const isBound = total === needed && { totalIsLowerBound: true as const };
  return { data, meta: { page, limit, total, totalPages: Math.ceil(total / limit), ...isBound } };
}
