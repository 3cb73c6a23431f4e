import { DAY, HOUR, MINUTE, SECOND, WEEK } from './time-units.js';

const DURATION =
  /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,](\d{1,3}))?S)?)?$/;

export type DurationParse = { ms: number } | { detail: string; suggestion: string };

/** An ISO 8601 duration of weeks, days, hours, minutes and seconds as elapsed time: `P1D` is 24 hours. */
export function parseDuration(text: string): DurationParse {
  const match = text.length <= 64 && !/(P|T)$/.test(text) ? DURATION.exec(text) : null;
  if (!match) return { detail: 'is not an ISO 8601 duration', suggestion: 'PT90S, PT15M, PT6H, P1D or P2W' };
  const [, years, months, weeks, days, hours, minutes, seconds, fraction] = match;
  if (years !== undefined || months !== undefined) {
    return {
      detail: 'years and months have no fixed length, and every counts elapsed time',
      suggestion: years === undefined ? 'recurrencePattern "monthly", or a cron line' : 'a cron line such as 0 0 1 1 *',
    };
  }
  const whole = Number(weeks ?? 0) * WEEK + Number(days ?? 0) * DAY + Number(hours ?? 0) * HOUR;
  const rest = Number(minutes ?? 0) * MINUTE + Number(seconds ?? 0) * SECOND + Number((fraction ?? '').padEnd(3, '0'));
  return { ms: whole + rest };
}
