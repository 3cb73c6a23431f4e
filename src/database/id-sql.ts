/** The smallest id, before all others. */
export const smallestId = '00000000-0000-0000-0000-000000000000';

/**
 * SQL of the smallest id that can have been made at a time: ids begin with the milliseconds of their creation (RFC 9562,
 * version 7). Read once for the statement, so that it can bound an index scan.
 *
 * @param time SQL of a timestamptz; null gives null
 */
export const firstIdAt = (time: string): string =>
  `(SELECT (lpad(to_hex(floor(extract(epoch FROM ${time}) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid)`;

const latestMs = 2 ** 48 - 1;

/**
 * The smallest id that can have been made at a time; for one that no id can tell, the nearest that one can.
 *
 * @param ms since 1970
 */
export function firstIdOf(ms: number): string {
  const digits = Math.min(Math.max(Math.floor(ms), 0), latestMs)
    .toString(16)
    .padStart(12, '0');
  return `${digits.slice(0, 8)}-${digits.slice(8)}${smallestId.slice(13)}`;
}
