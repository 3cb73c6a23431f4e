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
   * Entries in the whole list, counted up to 10,000 or to the end of this page.
   * @example 42
   */
  total!: number;

  /**
   * Pages that `total` entries fill.
   * @example 3
   */
  totalPages!: number;

  /** Only where there are more entries than were counted: `total` and `totalPages` are then the least they can be. */
  totalIsLowerBound?: true;
}
