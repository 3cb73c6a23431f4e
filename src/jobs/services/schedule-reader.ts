import { Inject, Injectable } from '@nestjs/common';
import type { CalendarVersion } from '../../schedules/domain/blackout-calendar.js';
import { ICalendarRepository } from '../../calendars/interfaces/calendar-repository.js';
import { Config } from '../../config/config.js';
import { DomainError, invalid } from '../../kernel/errors.js';
import type { FieldProblem } from '../../kernel/errors.js';
import { isId } from '../../kernel/ids.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { Job } from '../domain/job.js';
import { recurringFields } from '../domain/job-input.js';
import type { JobInput } from '../domain/job-input.js';
import {
  ScheduleProblems,
  nextTime,
  parseSchedule,
  readClockChangeRule,
  readInstant,
  readTimezone,
} from '../../schedules/domain/index.js';
import type {
  RecurringSchedule,
  ResolvedField,
  ScheduleInput,
  ScheduleProblem,
  ScheduleProblemCode,
} from '../../schedules/domain/index.js';

/** A fault in a definition. `impossible`: well-formed, but the job can never run. */
export interface Fault extends FieldProblem {
  kind: 'invalid' | 'impossible';
}

/** When a job runs, as the job stores it. */
export type When = Pick<Job, 'scheduledAt' | 'scheduledLocal' | 'schedule' | 'timezone' | 'nextRunAt'>;

const codesOfOneField: ReadonlySet<ScheduleProblemCode> = new Set<ScheduleProblemCode>([
  'cron_syntax',
  'cron_never_fires',
  'recurrence_pattern_unknown',
  'interval_too_short',
  'duration_syntax',
  'timezone_unknown',
  'time_invalid',
  'date_invalid',
  'number_invalid',
  'dst_option_unknown',
]);

const never: When = { scheduledAt: null, scheduledLocal: null, schedule: null, timezone: null, nextRunAt: null };

/** Reads the schedule of a definition, with the calendars of its owner. */
@Injectable()
export class ScheduleReader {
  constructor(
    @Inject(ICalendarRepository) private readonly calendars: ICalendarRepository,
    @Inject(Config) private readonly config: Config,
  ) {}

  /** The current versions of the owner's calendars that the inputs name. They cannot change until the transaction ends. */
  async calendarsOf(tx: Transaction, inputs: ScheduleInput[], userId: string): Promise<CalendarVersion[]> {
    const named = inputs.flatMap(({ calendars }) => (Array.isArray(calendars) ? (calendars as unknown[]) : []));
    const ids = [...new Set(named.filter((id): id is string => typeof id === 'string' && isId(id)))];
    if (ids.length === 0) return [];
    return this.calendars.hold(tx, ids, userId);
  }

  /** @param seed the job's id; without one `H` is refused */
  recurring(
    input: ScheduleInput,
    calendars: CalendarVersion[],
    now: Date,
    seed?: string,
  ): { schedule: RecurringSchedule; resolved: ResolvedField[] } | { faults: Fault[] } {
    const { minIntervalMs } = this.config.engine;
    const parsed = parseSchedule(input, { minIntervalMs, now, calendars, ...(seed !== undefined && { seed }) });
    return 'schedule' in parsed ? parsed : { faults: parsed.problems.map(faultOf) };
  }

  /** The faults of single fields of a schedule, independent of its other fields. @param seed as the id of a job */
  fieldFaults(input: ScheduleInput, now: Date, seed: string): Fault[] {
    const { minIntervalMs } = this.config.engine;
    const parsed = parseSchedule({ ...input, calendars: undefined }, { minIntervalMs, now, seed });
    if ('schedule' in parsed) return [];
    return parsed.problems.filter(({ code }) => codesOfOneField.has(code)).map(faultOf);
  }

  /** When a job with this definition runs. Adds the faults of its schedule to `found`. */
  when(input: JobInput, calendars: CalendarVersion[], id: string, now: Date, found: Fault[]): When {
    if (input.type === 'one_time') return onceAt(input, now, found);
    const read = this.recurring(input, calendars, now, id);
    if ('schedule' in read) return { ...never, schedule: read.schedule, nextRunAt: firstTime(read.schedule, now, id) };
    found.push(...read.faults);
    return never;
  }
}

/** The first nominal time of a schedule that takes effect at `now`: strictly after `now`. */
export const firstTime = (schedule: RecurringSchedule, now: Date, seed: string): Date | null =>
  nextTime(schedule, now, seed);

/** @throws DomainError `invalid` with every fault; `impossible` where all fields are well-formed but the job can never run */
export function refuse(faults: Fault[]): void {
  if (faults.length === 0) return;
  const errors = faults.map(({ pointer, detail }) => ({ pointer, detail }));
  if (faults.some(({ kind }) => kind === 'invalid')) throw invalid(errors);
  throw new DomainError('impossible', 'NEVER_RUNS', faults[0]?.detail ?? 'This job can never run.', { errors });
}

function faultOf({ kind, pointer, detail, suggestion, column }: ScheduleProblem): Fault {
  const where = column ? ` (column ${column})` : '';
  return { kind, pointer, detail: `${detail}${where}${suggestion ? `; try ${suggestion}` : ''}` };
}

function onceAt(input: JobInput, now: Date, found: Fault[]): When {
  for (const field of recurringFields)
    if (input[field] !== undefined && input[field] !== null)
      found.push({ kind: 'invalid', pointer: `/${field}`, detail: `${field} is for jobs of type recurring.` });
  const problems = new ScheduleProblems();
  const timezone = readTimezone(input.timezone, problems);
  const dst = readClockChangeRule(input.dst, problems);
  const resolved: ResolvedField[] = [];
  const at = readInstant(input.scheduledAt, '/scheduledAt', { timezone, dst, resolved }, problems);
  found.push(...problems.found.map(faultOf));
  return {
    ...never,
    scheduledAt: at ?? now,
    scheduledLocal: resolved.length > 0 ? String(input.scheduledAt) : null,
    timezone: typeof input.timezone === 'string' ? timezone : null,
  };
}
