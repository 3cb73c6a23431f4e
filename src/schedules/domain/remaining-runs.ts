import { parseCronLine } from './cron-expression.js';
import { countBetween, timesBetween } from './next-time.js';
import type { RecurringSchedule, ResolvedSchedule } from './schedule.js';
import { suppressedBy } from './suppression.js';
import { DAY } from './time-units.js';

/** Most nominal times that are walked to learn how many runs are left. Where that does not suffice, the answer says so. */
export const MOST_COUNTED = 10_000;

/** How many more runs there may be, for a schedule with `maxRuns` of which some have been planned. */
export interface RemainingRuns {
  /** `Infinity` without `maxRuns`. */
  count: number;
  /** Times before it have been counted already. */
  from: Date;
  /** No nominal time after it. */
  until: Date | null;
}

/** How many runs are left at a time; null: more times lie before it than are counted, see {@link MOST_COUNTED}. */
export type RunsLeft = number | null;

/**
 * How many of the remaining runs are left for the nominal times from `at` on. Those before it use them up, but for suppressed
 * ones, which do not run. Never walks far: it divides where the schedule allows, and where so many are left that the times
 * before `at` cannot use them up, it need not know how many those are.
 */
export function runsLeftAt(schedule: ResolvedSchedule, remaining: RemainingRuns, at: Date, seed: string): RunsLeft {
  const { count, from } = remaining;
  if (count === Infinity || at <= from) return count;
  const [after, to] = [new Date(from.getTime() - 1), new Date(at.getTime() - 1)];
  if (isWithoutExclusions(schedule) && 'intervalMs' in schedule)
    return Math.max(0, count - countBetween(schedule, after, to, seed, count));
  const most = mostTimes(schedule, to.getTime() - after.getTime(), seed);
  // Enough for any question about single times, of which none asks for more.
  if (count > most + MOST_COUNTED) return count - most;
  const times = timesBetween(schedule, after, to, seed, MOST_COUNTED + 1);
  const used = isWithoutExclusions(schedule)
    ? times.length
    : times.filter((time) => !suppressedBy(schedule, time)).length;
  if (used >= count) return 0;
  return times.length > MOST_COUNTED ? null : count - used;
}

function isWithoutExclusions({ excludeDates = [], calendars = [] }: ResolvedSchedule): boolean {
  return excludeDates.length + calendars.length === 0;
}

/** No stretch of so many ms holds more times. A clock that is put back repeats less than a day of them, each year. */
function mostTimes(schedule: RecurringSchedule, ms: number, seed: string): number {
  if ('intervalMs' in schedule) return Math.ceil(ms / schedule.intervalMs) + 1;
  const days = Math.ceil(ms / DAY) + 2;
  const repeated = Math.ceil(days / 180) + 2;
  const lines = 'cron' in schedule ? schedule.cron.map((line) => timesOfDay(line, seed)) : [24];
  return lines.reduce((sum, times) => sum + times, 0) * (days + repeated);
}

function timesOfDay(line: string, seed: string): number {
  const parse = parseCronLine(line, seed);
  if ('problems' in parse) return DAY;
  const { hour, minute, second } = parse.expression;
  return hour.values.length * minute.values.length * second.values.length;
}
