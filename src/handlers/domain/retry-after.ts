const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The three forms of a date, RFC 9110 §5.6.7; all of them are GMT. The weekday is not compared with the date. */
const forms = [
  // Sun, 06 Nov 1994 08:49:37 GMT
  /^[a-z]{3}, (?<day>\d{2}) (?<month>[a-z]{3}) (?<year>\d{4}) (?<hour>\d{2}):(?<minute>\d{2}):(?<second>\d{2}) GMT$/i,
  // Sunday, 06-Nov-94 08:49:37 GMT
  /^[a-z]{6,9}, (?<day>\d{2})-(?<month>[a-z]{3})-(?<year>\d{2}) (?<hour>\d{2}):(?<minute>\d{2}):(?<second>\d{2}) GMT$/i,
  // Sun Nov  6 08:49:37 1994; some add the zone that it has anyway
  /^[a-z]{3} (?<month>[a-z]{3}) (?<day>[ \d]\d) (?<hour>\d{2}):(?<minute>\d{2}):(?<second>\d{2}) (?<year>\d{4})(?: GMT)?$/i,
];

/**
 * Reads an HTTP `Retry-After` (RFC 9110 §10.2.3): whole seconds, in any number of digits, or a date in one of the three forms
 * of §5.6.7.
 *
 * @returns ms from `now`, 0 for a past date, at most `Number.MAX_SAFE_INTEGER`; undefined when there is none or it cannot be read
 */
export function retryAfterMs(value: string | undefined, now: Date): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1_000, Number.MAX_SAFE_INTEGER);
  const time = timeOf(text, now);
  return time === undefined ? undefined : Math.max(0, time - now.getTime());
}

function timeOf(text: string, now: Date): number | undefined {
  for (const form of forms) {
    const parts = form.exec(text)?.groups;
    if (parts) return timeOfParts(parts, now);
  }
  return undefined;
}

function timeOfParts(parts: Record<string, string>, now: Date): number | undefined {
  const name = (parts['month'] ?? '').toLowerCase();
  const month = months.findIndex((one) => one.toLowerCase() === name);
  const [day, hour, minute, second] = ['day', 'hour', 'minute', 'second'].map((part) => Number(parts[part]));
  const year = fullYear(parts['year'] ?? '', now);
  // A leap second is the next minute's first, which `Date.UTC` makes of it.
  if (month < 0 || day! < 1 || hour! > 23 || minute! > 59 || second! > 60) return undefined;
  const date = new Date(Date.UTC(year, month, day, hour, minute, second));
  // The 31st of a month with 30 days is none.
  return new Date(Date.UTC(year, month, day)).getUTCDate() === day ? date.getTime() : undefined;
}

/** Of two digits, the year with them that is not more than 50 years ahead (RFC 9110 §5.6.7). */
function fullYear(digits: string, now: Date): number {
  if (digits.length === 4) return Number(digits);
  const latest = now.getUTCFullYear() + 50;
  const century = latest - (latest % 100);
  const year = century + Number(digits);
  return year > latest ? year - 100 : year;
}
