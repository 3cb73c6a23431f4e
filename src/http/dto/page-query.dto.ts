import { Transform } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';
import { defaultPageLimit, maxPageLimit } from '../../kernel/page.js';
import type { PageRequest } from '../../kernel/page.js';

const maxPage = 1_000_000;

/** Reads a query parameter as a whole number. Anything but digits stays text, which `@IsInt()` then refuses. */
export const WholeNumber = () =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value,
  );

/** `?page=&limit=` of a list. */
export class PageQueryDto implements PageRequest {
  /**
   * Number of the page, from 1.
   * @example 1
   */
  @WholeNumber()
  @IsInt()
  @Min(1)
  @Max(maxPage)
  page: number = 1;

  /**
   * Most entries to answer with.
   * @example 20
   */
  @WholeNumber()
  @IsInt()
  @Min(1)
  @Max(maxPageLimit)
  limit: number = defaultPageLimit;
}
