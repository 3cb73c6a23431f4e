import { Inject, Injectable } from '@nestjs/common';
import { notFound } from '../../kernel/errors.js';
import { ITransactionRunner } from '../../kernel/transaction.js';
import { asSent, previewSchedule } from '../../schedules/domain/index.js';
import type {
  RecurringSchedule,
  ScheduleInput,
  SchedulePreview,
  ScheduleWarning,
} from '../../schedules/domain/index.js';
import { IJobRepository } from '../interfaces/job-repository.js';
import { ScheduleDays } from './schedule-days.js';
import { ScheduleReader, refuse } from './schedule-reader.js';

/** Stands for the id of a job that does not exist yet: `H` and jitter are hashed from it. */
const exampleSeed = '00000000-0000-7000-8000-000000000000';

export interface PreviewRequest {
  /** Null: now. */
  from: Date | null;
  count: number;
  /** The job whose `H` and jitter are shown; null shows those of an example, with a warning where the schedule uses them. */
  jobId: string | null;
}

/** Computes what a schedule would do before a job has it. */
@Injectable()
export class SchedulePreviews {
  constructor(
    @Inject(IJobRepository) private readonly jobs: IJobRepository,
    @Inject(ITransactionRunner) private readonly transactions: ITransactionRunner,
    private readonly reader: ScheduleReader,
    private readonly days: ScheduleDays,
  ) {}

  /**
   * The schedule is read as if it were submitted at `from`.
   * @throws DomainError `invalid` with every fault; `impossible` (`NEVER_RUNS`) when no time comes after `from`
   */
  async preview(input: ScheduleInput, userId: string, request: PreviewRequest): Promise<SchedulePreview> {
    const { jobId, count } = request;
    if (jobId !== null && !(await this.jobs.find(jobId, userId))) throw notFound('job');
    const { from, calendars } = await this.transactions.run(async (tx) => ({
      from: request.from ?? (await this.jobs.now(tx)),
      calendars: await this.reader.calendarsOf(tx, [input], userId),
    }));
    const seed = jobId ?? exampleSeed;
    const read = this.reader.recurring(input, calendars, from, seed);
    if ('faults' in read) refuse(read.faults);
    if (!('schedule' in read)) throw new TypeError('a schedule that does not parse has faults');
    const preview = previewSchedule(await this.days.resolve(null, read.schedule), from, count, seed);
    const examples = jobId === null ? exampleWarnings(read.schedule) : [];
    return { ...preview, warnings: asSent([...examples, ...preview.warnings], input) };
  }
}

function exampleWarnings(schedule: RecurringSchedule): ScheduleWarning[] {
  const suggestion = 'give the jobId of a job to see its own times';
  const detail = (what: string): string => `${what} from the job's id, and there is no job yet: these are an example's`;
  const lines = 'cron' in schedule ? schedule.cron : [];
  const hashed = lines.flatMap((line, index): ScheduleWarning[] =>
    usesHash(line)
      ? [{ code: 'no_job_yet', pointer: `/cron/${index}`, detail: detail('H takes its value'), suggestion }]
      : [],
  );
  if (!schedule.jitterMs) return hashed;
  return [...hashed, { code: 'no_job_yet', pointer: '/jitterMs', detail: detail('jitter is taken'), suggestion }];
}

/** Whether the line has `H` as a token of its own: THU and @hourly contain the letter too. */
const usesHash = (line: string): boolean => /(^|[\s,])H(?=$|[\s,/(])/i.test(line);
