/**
 * Reads an HTTP `Retry-After` (RFC 9110 §10.2.3): whole seconds or a date.
 * @returns ms from `now`, 0 for a past date; undefined when there is none or it cannot be read
 */
export function retryAfterMs(value: string | undefined, now: Date): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  // Dates have a weekday first; Date.parse alone would also take "-5" or "2".
  const time = /^[A-Za-z]{3,9},? /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : Math.max(0, time - now.getTime());
}
