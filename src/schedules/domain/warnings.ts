import { clockChangeWarning } from './clock-change-warning.js';
import { nextClockChanges } from './clock-changes.js';
import type { ClockChange } from './clock-changes.js';
import { cronLineWarnings } from './cron-warnings.js';
import { civilAnchor, linesOf } from './schedule-line.js';
import type { ScheduleWarning } from './schedule-warning.js';
import type { IntervalSchedule, PatternSchedule, RecurringSchedule } from './schedule.js';
import { DAY, HOUR } from './time-units.js';

/** What a preview points out: lines that surprise, and what the zone's next two clock changes do to them. */
export function warnings(schedule: RecurringSchedule, now: Date, seed: string): ScheduleWarning[] {
  const changes = nextClockChanges(schedule.timezone, now, 2);
  const atChanges = linesOf(schedule, seed).flatMap((line) =>
    changes.flatMap((change) => clockChangeWarning(line, change) ?? []),
  );
  return [...shapeWarnings(schedule, seed, changes), ...atChanges];
}

function shapeWarnings(schedule: RecurringSchedule, seed: string, changes: readonly ClockChange[]): ScheduleWarning[] {
  if ('cron' in schedule) {
    return schedule.cron.flatMap((line, index) => cronLineWarnings(line, `/cron/${index}`, seed));
  }
  return 'intervalMs' in schedule ? elapsedDays(schedule, changes) : clampWarnings(schedule);
}

/** A day of elapsed time is no day of the calendar where the clocks change. */
function elapsedDays({ intervalMs, timezone }: IntervalSchedule, changes: readonly ClockChange[]): ScheduleWarning[] {
  if (intervalMs % DAY !== 0 || changes.length === 0) return [];
  const hours = intervalMs / HOUR;
  const detail = `${hours} hours of elapsed time: in ${timezone} the local time shifts whenever the clocks change`;
  const suggestion = 'recurrencePattern "daily" or "weekly", or a cron line, keeps the local time';
  return [{ code: 'elapsed_days', pointer: '/intervalMs', detail, suggestion }];
}

function clampWarnings(schedule: PatternSchedule): ScheduleWarning[] {
  if (schedule.recurrencePattern !== 'monthly') return [];
  const day = new Date(civilAnchor(schedule)).getUTCDate();
  if (day < 29) return [];
  const detail = `months without a day ${day} run on their last day`;
  const suggestion = `a cron line with ${day} as its day of month leaves such months out`;
  return [{ code: 'short_months_clamped', pointer: '/recurrencePattern', detail, suggestion }];
}
