/** Which part of a list is asked for. `page` counts from 1; `limit` is 1 to {@link maxPageLimit}. */
export interface PageRequest {
  page: number;
  limit: number;
}

export const maxPageLimit = 100;
export const defaultPageLimit = 20;

export interface Page<T> {
  data: T[];
  meta: { page: number; limit: number; total: number; totalPages: number };
}

export function pageOf<T>(data: T[], total: number, { page, limit }: PageRequest): Page<T> {
  return { data, meta: { page, limit, total, totalPages: Math.ceil(total / limit) } };
}
