import { cutMark, listedJsonBytes, prefixLengths } from '../kernel/listed.js';

/** SQL of a column of a list that may be too large for it, and of whether it is. What is cut never leaves PostgreSQL. */
export interface ListedColumn {
  field: string;
  shown: string;
  isCut: string;
}

/**
 * JSON that is null where it is too large. A column that takes so much room even when compressed need not be unpacked to know.
 * @param column SQL of a value of type `json` or `jsonb`
 */
export function listedJson(field: string, column: string): ListedColumn {
  const isCut = `(pg_column_size(${column}) > ${listedJsonBytes + 100} OR octet_length(${column}::text) > ${listedJsonBytes})`;
  return { field, isCut, shown: `CASE WHEN ${isCut} THEN NULL ELSE ${column} END` };
}

/** A text that is cut, as `listedText` of the kernel does. @param most bytes of JSON */
export function listedText(field: string, column: string, most: number): ListedColumn {
  const bytes = (text: string) => `octet_length(to_json(${text})::text)`;
  const isCut = `${bytes(column)} > ${most}`;
  const [long, sure] = prefixLengths(most).map((length) => `left(${column}, ${length}) || '${cutMark}'`);
  const prefix = `CASE WHEN ${bytes(`(${long})`)} <= ${most} THEN ${long} ELSE ${sure} END`;
  return { field, isCut, shown: `CASE WHEN ${isCut} THEN ${prefix} ELSE ${column} END` };
}

/** SQL of the names of those that are cut. */
export const truncatedOf = (columns: readonly ListedColumn[]): string =>
  `array_remove(ARRAY[${columns.map(({ field, isCut }) => `CASE WHEN ${isCut} THEN '${field}' END`).join(', ')}]::text[], NULL)`;
