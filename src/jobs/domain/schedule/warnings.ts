import { clockChangeWarning } from './clock-change-warning.js';
import { nextClockChanges } from './clock-changes.js';
import { cronLineWarnings } from './cron-warnings.js';
import { civilAnchor, linesOf } from './schedule-line.js';
import type { ScheduleWarning } from './schedule-warning.js';
import type { CronSchedule, RecurringSchedule } from './schedule.js';

/** What a preview points out: lines that surprise, and what the zone's next two clock changes do to them. */
export function warnings(schedule: RecurringSchedule, now: Date, seed: string): ScheduleWarning[] {
  const shape =
    'cron' in schedule
      ? schedule.cron.flatMap((line, index) => cronLineWarnings(line, `/cron/${index}`, seed))
      : clampWarnings(schedule);
  const changes = nextClockChanges(schedule.timezone, now, 2);
  const atChanges = linesOf(schedule, seed).flatMap((line) =>
    changes.flatMap((change) => clockChangeWarning(line, change) ?? []),
  );
  return [...shape, ...atChanges];
}

function clampWarnings(schedule: Exclude<RecurringSchedule, CronSchedule>): ScheduleWarning[] {
  if (!('recurrencePattern' in schedule) || schedule.recurrencePattern !== 'monthly') return [];
  const day = new Date(civilAnchor(schedule)).getUTCDate();
  if (day < 29) return [];
  const detail = `months without a day ${day} run on their last day`;
  const suggestion = `a cron line with ${day} as its day of month leaves such months out`;
  return [{ code: 'short_months_clamped', pointer: '/recurrencePattern', detail, suggestion }];
}
