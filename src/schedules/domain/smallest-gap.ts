import { timesBetween } from './next-time.js';
import type { RecurringSchedule } from './schedule.js';
import { SEARCH_HORIZON_YEARS } from './schedule.js';
import { DAY, SECOND } from './time-units.js';

const SAMPLE = 200;

/**
 * The shortest distance (ms) among the next nominal times, `Infinity` when there are fewer than two. Taken in UTC: a
 * clock change may bring two times closer together than the schedule says.
 */
export function smallestGap(schedule: RecurringSchedule, now: Date, seed: string): number {
  const { startsAt: _startsAt, endsAt: _endsAt, ...unbounded } = schedule;
  const horizon = new Date(now.getTime() + SEARCH_HORIZON_YEARS * 365 * DAY);
  const times = timesBetween({ ...unbounded, timezone: 'UTC' }, now, horizon, seed, SAMPLE);
  let smallest = Infinity;
  for (let index = 1; index < times.length; index++) {
    smallest = Math.min(smallest, times[index]!.getTime() - times[index - 1]!.getTime());
    if (smallest <= SECOND) break;
  }
  return smallest;
}
