import { isAbsent } from './schedule-fields.js';
import type { ScheduleInput } from './schedule-kind.js';

/** Something that is allowed, and often not what was meant. */
export interface ScheduleWarning {
  code:
    | 'short_months_skipped'
    | 'short_months_clamped'
    | 'clock_change'
    | 'uneven_step'
    | 'step_beyond_range'
    | 'elapsed_days'
    | 'either_day_field'
    | 'both_day_fields'
    | 'every_minute'
    | 'max_runs_not_counted'
    | 'no_job_yet'
    | 'job_paused'
    | 'job_finished';
  /** JSON pointer into the schedule as it was sent, or as the job shows it, such as `/cron/0`. */
  pointer: string;
  detail: string;
  suggestion: string;
}

/**
 * The warnings of a schedule that is read from `input`, with pointers into that: one line may be sent alone, and an interval as a
 * duration, while a schedule has a list of lines and `intervalMs`.
 */
export function asSent(warnings: readonly ScheduleWarning[], input: ScheduleInput): ScheduleWarning[] {
  const places = new Map<string, string>();
  if (!Array.isArray(input.cron)) places.set('/cron/0', '/cron');
  if (!isAbsent(input.every)) places.set('/intervalMs', '/every');
  return warnings.map((warning) => ({ ...warning, pointer: places.get(warning.pointer) ?? warning.pointer }));
}
