/** Which part of a list is asked for. `page` counts from 1; `limit` is 1 to {@link maxPageLimit}. */
export interface PageRequest {
  page: number;
  limit: number;
}

export const maxPageLimit = 100;
export const defaultPageLimit = 20;

/** Lists count their entries up to here, or up to the end of the page that is asked for. */
const countedAtMost = 10_000;

export interface Page<T> {
  data: T[];
  meta: {
    page: number;
    limit: number;
    total: number;
    totalPages: number;
    /** Set when there are more entries than were counted. */
    totalIsLowerBound?: true;
  };
}

/** How many entries of a list it takes to tell its total: counting a million at each request is worth nobody's while. */
export const countNeeded = ({ page, limit }: PageRequest): number => Math.max(countedAtMost, page * limit) + 1;

/** @param counted entries of the list, of which those beyond {@link countNeeded} need not have been counted */
export function pageOf<T>(data: T[], counted: number, request: PageRequest): Page<T> {
  const { page, limit } = request;
  const needed = countNeeded(request);
  const total = Math.min(counted, needed);
  const isBound = total === needed && { totalIsLowerBound: true as const };
  return { data, meta: { page, limit, total, totalPages: Math.ceil(total / limit), ...isBound } };
}
