import type { BlackoutCalendar, CalendarVersion } from './blackout-calendar.js';

export const RECURRENCE_PATTERNS = ['hourly', 'daily', 'weekly', 'monthly'] as const;
export type RecurrencePattern = (typeof RECURRENCE_PATTERNS)[number];

export const GAP_RULES = ['next_valid', 'skip'] as const;
export type GapRule = (typeof GAP_RULES)[number];

export const OVERLAP_RULES = ['first', 'both'] as const;
export type OverlapRule = (typeof OVERLAP_RULES)[number];

/**
 * What a fixed-time schedule does when the clocks change by at most three hours.
 *
 * - `gap`: a named local time that does not exist runs at the first instant after the gap, or not at all.
 * - `overlap`: a named local time that exists twice runs at its first copy, or at both.
 *
 * A schedule is fixed-time when neither its second, minute nor hour begins with `*`; `daily`, `weekly` and `monthly` are
 * too. All others, and `hourly`, follow real time whatever this says: nothing made up, both copies. Larger jumps are
 * corrections of the calendar (Apia, 30 December 2011): nothing made up, nothing suppressed. Source: Vixie cron 4.1.
 */
export interface ClockChangeRule {
  gap: GapRule;
  overlap: OverlapRule;
}

export const ADOPTED_CLOCK_CHANGE_RULE: ClockChangeRule = { gap: 'next_valid', overlap: 'first' };

interface ScheduleBounds<Calendar> {
  /** IANA name; local times and dates of this schedule are read in it. */
  timezone: string;
  /** Nominal times begin here (inclusive). */
  startsAt?: string;
  /** Nominal times end here (inclusive). */
  endsAt?: string;
  /** How many runs the job may have at most; counted where runs are made, not here. */
  maxRuns?: number;
  /** Local dates `YYYY-MM-DD`, sorted, whose nominal times are suppressed: they exist, and end as `skipped: calendar`. */
  excludeDates?: string[];
  /** Shared calendars are named, each with the version that is in force for the job; what they hold is looked up. */
  calendars?: Calendar[];
  /** Absent: the adopted rule. */
  dst?: ClockChangeRule;
  /** `dueAt` lies at most this far after `nominalAt`. */
  jitterMs?: number;
}

/** Steps by the calendar from `anchorAt`, which is its first nominal time. */
export interface PatternSchedule<Calendar = CalendarVersion> extends ScheduleBounds<Calendar> {
  recurrencePattern: RecurrencePattern;
  anchorAt: string;
}

/** The union of its lines; two lines that name one instant name one nominal time. */
export interface CronSchedule<Calendar = CalendarVersion> extends ScheduleBounds<Calendar> {
  cron: string[];
}

/** `anchorAt + n × intervalMs` for n ≥ 0, in elapsed time: the wall clock does not matter. */
export interface IntervalSchedule<Calendar = CalendarVersion> extends ScheduleBounds<Calendar> {
  intervalMs: number;
  anchorAt: string;
}

/** When a recurring job runs, as stored on the job: plain JSON, instants as ISO 8601 strings in UTC. */
export type RecurringSchedule<Calendar = CalendarVersion> =
  PatternSchedule<Calendar> | CronSchedule<Calendar> | IntervalSchedule<Calendar>;

/** A schedule with the days of its calendars at hand: what tells whether a nominal time is suppressed. */
export type ResolvedSchedule = RecurringSchedule<BlackoutCalendar>;

/** Beyond this no nominal time is searched: 29 February and fifth Sundays come back within 40 years. */
export const SEARCH_HORIZON_YEARS = 50;
