export type ScheduleProblemCode =
  | 'cron_syntax'
  | 'cron_never_fires'
  | 'schedule_never_fires'
  | 'schedule_kind_missing'
  | 'schedule_kind_conflict'
  | 'recurrence_pattern_unknown'
  | 'interval_too_short'
  | 'duration_syntax'
  | 'timezone_unknown'
  | 'time_invalid'
  | 'time_missing'
  | 'date_invalid'
  | 'number_invalid'
  | 'ends_before_start'
  | 'dst_option_unknown'
  | 'calendar_unknown'
  | 'not_applicable';

/** One thing that is wrong with a schedule as it was submitted. */
export interface ScheduleProblem {
  /** JSON pointer into the submitted body, such as `/cron/0`. */
  pointer: string;
  code: ScheduleProblemCode;
  /** `invalid`: it does not parse or contradicts itself. `impossible`: well-formed, but no nominal time ever comes. */
  kind: 'invalid' | 'impossible';
  detail: string;
  suggestion?: string;
  /** Where in a cron line, counted from 1. */
  column?: number;
}

const MOST_PROBLEMS = 100;

/** Collects problems, so that an answer names all of them (up to a hundred) and not only the first. */
export class ScheduleProblems {
  readonly found: ScheduleProblem[] = [];

  invalid(
    pointer: string,
    code: ScheduleProblemCode,
    detail: string,
    hint: { suggestion?: string; column?: number } = {},
  ): void {
    this.add({ pointer, code, kind: 'invalid', detail, ...hint });
  }

  impossible(pointer: string, code: ScheduleProblemCode, detail: string, suggestion: string): void {
    this.add({ pointer, code, kind: 'impossible', detail, suggestion });
  }

  private add(problem: ScheduleProblem): void {
    if (this.found.length < MOST_PROBLEMS) this.found.push(problem);
  }
}
