/** Where a page lies in its list. */
export class PageMetaDto {
  /**
   * Number of this page, from 1.
   * @example 1
   */
  page!: number;

  /**
   * Most entries that a page holds.
   * @example 20
   */
  limit!: number;

  /**
   * Entries in the whole list.
   * @example 42
   */
  total!: number;

  /**
   * Pages in the whole list.
   * @example 3
   */
  totalPages!: number;
}
