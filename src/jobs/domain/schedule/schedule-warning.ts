/** Something that is allowed, and often not what was meant. */
export interface ScheduleWarning {
  code:
    | 'short_months_skipped'
    | 'short_months_clamped'
    | 'clock_change'
    | 'uneven_step'
    | 'either_day_field'
    | 'both_day_fields'
    | 'every_minute'
    | 'max_runs_not_counted'
    | 'no_job_yet'
    | 'job_paused'
    | 'job_finished';
  /** JSON pointer into the schedule, such as `/cron/0`. */
  pointer: string;
  detail: string;
  suggestion: string;
}
