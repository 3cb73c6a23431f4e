import { nextTime } from './next-time.js';
import type { ResolvedSchedule } from './schedule.js';
import { suppressedBy } from './suppression.js';
import { DAY } from './time-units.js';
import { zoneNamed } from './zone.js';

/** Most excluded days that are passed over, one after the other, to find a time that is not on one. */
export const MOST_PASSED_OVER = 1_000;

/**
 * The first nominal time from `named` on, itself a nominal time, that no excluded day suppresses; null where none comes, or
 * none before {@link MOST_PASSED_OVER} excluded days have been looked at. However many times a day names, it is one step.
 */
export function nextStart(schedule: ResolvedSchedule, named: Date, seed: string): Date | null {
  let time: Date | null = named;
  for (let passed = 0; time !== null && passed <= MOST_PASSED_OVER; passed++) {
    if (suppressedBy(schedule, time) === null) return time;
    time = nextTime(schedule, new Date(dayEnd(time.getTime(), schedule.timezone) - 1), seed);
  }
  return null;
}

/** The next midnight of a zone, or the clock change that comes before it. */
function dayEnd(instant: number, timezone: string): number {
  const { end, offset } = zoneNamed(timezone).segmentAt(instant);
  const midnight = (Math.floor((instant + offset) / DAY) + 1) * DAY - offset;
  return Math.min(midnight, end);
}
