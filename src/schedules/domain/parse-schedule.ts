import type { CalendarVersion } from './blackout-calendar.js';
import { nextTime } from './next-time.js';
import {
  isAbsent,
  readCalendars,
  readClockChangeRule,
  readDates,
  readInstant,
  readTimezone,
  readWholeNumber,
} from './schedule-fields.js';
import type { ResolvedField } from './schedule-fields.js';
import { ScheduleProblems } from './schedule-problem.js';
import type { ScheduleProblem } from './schedule-problem.js';
import type { RecurringSchedule } from './schedule.js';
import { SEARCH_HORIZON_YEARS } from './schedule.js';
import { readKind, refuseShortInterval } from './schedule-kind.js';
import type { ScheduleInput } from './schedule-kind.js';
import { smallestGap } from './smallest-gap.js';
import { DAY } from './time-units.js';

const LONGEST_JITTER = DAY;
const MOST_RUNS = 1_000_000_000;
/** Fields that can keep a schedule from having a time ahead, the likeliest first. */
const BOUNDS = ['endsAt', 'anchorAt', 'scheduledAt', 'startsAt'] as const;

export interface ParseScheduleOptions {
  minIntervalMs: number;
  /** Anchors what names no anchor; nothing that only fires before it is accepted. */
  now: Date;
  /** The job's id. Without one, `H` is refused: it has nothing to take its value from. */
  seed?: string;
  /** The shared calendars that `calendars` may name. */
  calendars?: readonly CalendarVersion[];
}

/** `resolved` tells of each field given as local time which instant it became. */
export type ScheduleParse =
  { schedule: RecurringSchedule; resolved: ResolvedField[] } | { problems: ScheduleProblem[] };

/** Reads and checks a submitted schedule; names everything that is wrong with it at once. */
export function parseSchedule(input: ScheduleInput, options: ParseScheduleOptions): ScheduleParse {
  const problems = new ScheduleProblems();
  const timezone = readTimezone(input.timezone, problems);
  const dst = readClockChangeRule(input.dst, problems);
  const resolved: ResolvedField[] = [];
  const instant = (field: 'anchorAt' | 'scheduledAt' | 'startsAt' | 'endsAt'): Date | null =>
    readInstant(input[field], `/${field}`, { timezone, dst, resolved }, problems);

  const startsAt = instant('startsAt');
  const endsAt = instant('endsAt');
  const first = firstTime(input, instant('anchorAt'), instant('scheduledAt'), problems);
  checkOrder([startsAt, first], endsAt, problems);
  const begin = isAbsent(input.cron) ? startsAt : (startsAt ?? first);
  const schedule = readKind(input, first ?? startsAt ?? options.now, options, problems);
  const bounds = {
    timezone,
    startsAt: begin?.toISOString(),
    endsAt: endsAt?.toISOString(),
    maxRuns: readWholeNumber(input.maxRuns, '/maxRuns', { min: 1, max: MOST_RUNS }, problems),
    excludeDates: readDates(input.excludeDates, '/excludeDates', problems),
    calendars: readCalendars(input.calendars, options.calendars ?? [], problems),
    dst,
    jitterMs: readWholeNumber(input.jitterMs, '/jitterMs', { min: 0, max: LONGEST_JITTER }, problems),
  };
  if (!schedule || problems.found.length > 0) return { problems: problems.found };

  const parsed = withoutUndefined({ ...schedule, ...bounds }) as unknown as RecurringSchedule;
  checkTimes(parsed, input, options, problems);
  return problems.found.length > 0 ? { problems: problems.found } : { schedule: parsed, resolved };
}

function checkOrder(starts: (Date | null)[], endsAt: Date | null, problems: ScheduleProblems): void {
  const late = starts.find((start) => start && endsAt && endsAt <= start);
  if (late) problems.invalid('/endsAt', 'ends_before_start', `ends before it starts (${late.toISOString()})`);
}

function firstTime(
  input: ScheduleInput,
  anchorAt: Date | null,
  scheduledAt: Date | null,
  problems: ScheduleProblems,
): Date | null {
  if (!isAbsent(input.anchorAt) && !isAbsent(input.cron)) {
    problems.invalid('/anchorAt', 'not_applicable', 'cron lines have no anchor', { suggestion: 'use startsAt' });
  } else if (!isAbsent(input.anchorAt) && !isAbsent(input.scheduledAt)) {
    problems.invalid('/anchorAt', 'not_applicable', 'scheduledAt is the anchor already', { suggestion: 'give one' });
  } else if (!isAbsent(input.cron) && !isAbsent(input.startsAt) && !isAbsent(input.scheduledAt)) {
    problems.invalid('/scheduledAt', 'not_applicable', 'startsAt begins it already', { suggestion: 'give one' });
  }
  return anchorAt ?? scheduledAt;
}

/** What only shows once times are named: too short a distance between them, or none at all. */
function checkTimes(
  schedule: RecurringSchedule,
  input: ScheduleInput,
  { now, minIntervalMs, seed = '' }: ParseScheduleOptions,
  problems: ScheduleProblems,
): void {
  if ('cron' in schedule) {
    schedule.cron.forEach((line, index) => {
      if (nextTime({ cron: [line], timezone: 'UTC' }, now, seed)) return;
      const detail = `"${line}" names no date within ${SEARCH_HORIZON_YEARS} years`;
      const pointer = Array.isArray(input.cron) ? `/cron/${index}` : '/cron';
      problems.impossible(pointer, 'cron_never_fires', detail, 'L is the last day of each month');
    });
  }
  if (problems.found.length > 0) return;
  if (!nextTime(schedule, now, seed)) {
    const bound = BOUNDS.find((field) => !isAbsent(input[field])) ?? 'cron';
    problems.impossible(`/${bound}`, 'schedule_never_fires', 'no nominal time lies ahead', 'a later endsAt, or none');
  }
  if ('intervalMs' in schedule) return;
  const gap = smallestGap(schedule, now, seed);
  const pointer = 'cron' in schedule ? '/cron' : '/recurrencePattern';
  if (gap < minIntervalMs) refuseShortInterval(pointer, gap, minIntervalMs, problems);
}

function withoutUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined));
}
