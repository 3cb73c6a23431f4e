import type { CivilRule } from './civil-rule.js';
import { firstInstantAfter } from './civil-to-instant.js';
import { cronRule } from './cron-rule.js';
import { patternRule } from './pattern-rule.js';
import { civilAnchor } from './schedule-line.js';
import type { ScheduleLine } from './schedule-line.js';
import type { CronSchedule, RecurringSchedule } from './schedule.js';
import { ADOPTED_CLOCK_CHANGE_RULE, SEARCH_HORIZON_YEARS } from './schedule.js';
import { DAY, MINUTE } from './time-units.js';
import { zoneNamed } from './zone.js';

const SEARCH_HORIZON = Math.ceil(SEARCH_HORIZON_YEARS * 365.25) * DAY;

/**
 * The first nominal time strictly after `after`; null when none comes within 50 years or before `endsAt`.
 *
 * A pure function of its arguments: every process computes the same times, in any order. Times on excluded dates and
 * blackout days are named too, see `suppressedBy`. `seed` is the job's id, from which `H` takes its place.
 */
export function nextTime(schedule: RecurringSchedule, after: Date, seed: string): Date | null {
  const found = nextInstant(schedule, after.getTime(), seed);
  return found === null ? null : new Date(found);
}

/**
 * The nominal times in `(from, to]`, oldest first, at most `limit`. Neighbouring windows add up: what ends one begins
 * the next.
 */
export function timesBetween(schedule: RecurringSchedule, from: Date, to: Date, seed: string, limit: number): Date[] {
  const times: Date[] = [];
  for (const instant of instantsBetween(schedule, from.getTime(), to.getTime(), seed)) {
    if (times.length >= limit) break;
    times.push(new Date(instant));
  }
  return times;
}

/** Whether one line of the schedule names the instant; as cheap for a line that seldom does as for one that often does. */
export function isNamedBy(
  { alone, rule }: Pick<ScheduleLine, 'alone' | 'rule'>,
  instant: number,
  seed: string,
): boolean {
  if (!rule || !('cron' in alone)) return nextInstant(alone, instant - 1, seed, instant) === instant;
  if (beginOf(alone, instant) > instant || endOf(alone) < instant) return false;
  return nextOfRule(alone, rule, instant - 1, instant) === instant;
}

/** How many nominal times lie in `(from, to]`; stops counting at `limit`. Intervals are not walked but divided. */
export function countBetween(
  schedule: RecurringSchedule,
  from: Date,
  to: Date,
  seed: string,
  limit = Number.MAX_SAFE_INTEGER,
): number {
  if ('intervalMs' in schedule) {
    const first = nextInstant(schedule, from.getTime(), seed, to.getTime());
    if (first === null) return 0;
    const end = schedule.endsAt === undefined ? to.getTime() : Math.min(to.getTime(), Date.parse(schedule.endsAt));
    return Math.min(limit, Math.floor((end - first) / schedule.intervalMs) + 1);
  }
  let count = 0;
  for (const _instant of instantsBetween(schedule, from.getTime(), to.getTime(), seed)) {
    if (count >= limit) break;
    count++;
  }
  return count;
}

/** The newest nominal times in `(from, to]`, oldest first, at most `limit`; cheap however long the range is. */
export function latestTimes(schedule: RecurringSchedule, from: Date, to: Date, seed: string, limit: number): Date[] {
  for (let span = MINUTE; ; span *= 4) {
    const start = new Date(Math.max(from.getTime(), to.getTime() - span));
    const times = timesBetween(schedule, start, to, seed, Infinity);
    if (times.length >= limit || start <= from) return limit > 0 ? times.slice(-limit) : [];
  }
}

function* instantsBetween(schedule: RecurringSchedule, from: number, to: number, seed: string): Generator<number> {
  if ('cron' in schedule && schedule.cron.length > 1) {
    yield* instantsOfLines(schedule, from, to, seed);
    return;
  }
  let instant = nextInstant(schedule, from, seed, to);
  while (instant !== null) {
    yield instant;
    instant = nextInstant(schedule, instant, seed, to);
  }
}

/** Each line is asked again only after its own time has come, not at each time of the others. */
function* instantsOfLines(schedule: CronSchedule, from: number, to: number, seed: string): Generator<number> {
  const [begin, end] = [beginOf(schedule, from), Math.min(to, endOf(schedule))];
  const lines = schedule.cron.map((line) => {
    const rule = cronRule(line, seed);
    const nextAfter = (after: number): number =>
      nextOfRule(schedule, rule, after, Math.min(end, after + SEARCH_HORIZON)) ?? Infinity;
    return { nextAfter, next: nextAfter(begin) };
  });
  for (;;) {
    let earliest = Infinity;
    for (const { next } of lines) if (next < earliest) earliest = next;
    if (earliest === Infinity) return;
    yield earliest;
    for (const line of lines) if (line.next === earliest) line.next = line.nextAfter(earliest);
  }
}

/** @param to none after it is looked for */
function nextInstant(schedule: RecurringSchedule, after: number, seed: string, to = Infinity): number | null {
  const from = beginOf(schedule, after);
  const until = Math.min(endOf(schedule), to, from + SEARCH_HORIZON);
  const found = 'cron' in schedule ? nextOfLines(schedule, from, until, seed) : nextAnchored(schedule, from, until);
  return found !== null && found <= until ? found : null;
}

const beginOf = ({ startsAt }: RecurringSchedule, after: number): number =>
  startsAt === undefined ? after : Math.max(after, Date.parse(startsAt) - 1);

const endOf = ({ endsAt }: RecurringSchedule): number => (endsAt === undefined ? Infinity : Date.parse(endsAt));

function nextOfLines(schedule: CronSchedule, from: number, until: number, seed: string): number | null {
  let earliest: number | null = null;
  for (const line of schedule.cron) {
    const found = nextOfRule(schedule, cronRule(line, seed), from, earliest ?? until);
    if (found !== null) earliest = found;
  }
  return earliest;
}

type AnchoredSchedule = Exclude<RecurringSchedule, CronSchedule>;

function nextAnchored(schedule: AnchoredSchedule, from: number, until: number): number | null {
  const anchor = Date.parse(schedule.anchorAt);
  // The anchor is always a nominal time, even where it is the second copy of a repeated local time.
  if (from < anchor) return anchor;
  if ('intervalMs' in schedule) {
    return anchor + (Math.floor((from - anchor) / schedule.intervalMs) + 1) * schedule.intervalMs;
  }
  return nextOfRule(schedule, patternRule(schedule.recurrencePattern, civilAnchor(schedule)), from, until);
}

function nextOfRule(schedule: RecurringSchedule, rule: CivilRule, from: number, until: number): number | null {
  return firstInstantAfter(rule, zoneNamed(schedule.timezone), from, until, schedule.dst ?? ADOPTED_CLOCK_CHANGE_RULE);
}
