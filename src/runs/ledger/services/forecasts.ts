import { Inject, Injectable } from '@nestjs/common';
import { isFinished } from '../../../jobs/domain/job-status.js';
import type { JobView, OwnedBy } from '../../../jobs/domain/job.js';
import { describeInstant, previewSchedule } from '../../../schedules/domain/index.js';
import type { SchedulePreview, ScheduleWarning } from '../../../schedules/domain/index.js';
import { IJobRepository } from '../../../jobs/interfaces/job-repository.js';
import { ScheduleDays } from '../../../jobs/services/schedule-days.js';
import { notFound } from '../../../kernel/errors.js';
import type { JobPlan } from '../domain/ledger.js';
import { predictOverlap } from '../domain/predicted-overlap.js';
import type { PredictedTime } from '../domain/predicted-overlap.js';
import { resumesAt, runsAhead, toldOfPause } from '../../domain/runs-ahead.js';
import { IRunLedger } from '../interfaces/run-ledger.js';

export interface Forecast extends Omit<SchedulePreview, 'nextRuns'> {
  nextRuns: PredictedTime[];
}

/** What a job will do. */
@Injectable()
export class Forecasts {
  constructor(
    @Inject(IJobRepository) private readonly jobs: IJobRepository,
    @Inject(IRunLedger) private readonly ledger: IRunLedger,
    private readonly days: ScheduleDays,
  ) {}

  /**
   * @param from times strictly after it; null: now, on the database's clock
   * @throws DomainError `not_found`
   */
  async of(jobId: string, userId: OwnedBy, from: Date | null, count: number): Promise<Forecast> {
    const job = await this.jobs.find(jobId, userId);
    const plan = job && (await this.ledger.plan(jobId));
    if (!job || !plan) throw notFound('job');
    const start = from ?? plan.now;
    const preview = job.schedule
      ? previewSchedule(
          await this.days.resolve(null, job.schedule),
          start,
          count,
          job.id,
          runsAhead(job.schedule, plan, job.activeUntil, resumesAt(job)),
        )
      : onlyTime(job, start);
    const finished = isFinished(plan.status);
    const nextRuns = finished ? [] : preview.nextRuns;
    const usualMs = await this.ledger.usualDurationMs(jobId);
    return {
      ...preview,
      nextRuns: toldOfPause(predictOverlap(nextRuns, job.schedule ? job.overlapPolicy : 'allow_all', usualMs), job),
      warnings: [...statusWarnings(job, plan), ...preview.warnings],
    };
  }
}

function onlyTime({ scheduledAt, timezone }: JobView, from: Date): SchedulePreview {
  const zone = timezone ?? 'UTC';
  const isAhead = scheduledAt !== null && scheduledAt > from;
  return {
    timezone: zone,
    nextRuns: isAhead ? [describeInstant(scheduledAt, zone, 'the only time of this job')] : [],
    clockChanges: [],
    warnings: [],
  };
}

function statusWarnings(job: JobView, { status }: JobPlan): ScheduleWarning[] {
  if (isFinished(status))
    return [
      {
        code: 'job_finished',
        pointer: '/status',
        detail: `the job is ${status}: nothing runs any more`,
        suggestion: 'submit it again as a new job',
      },
    ];
  if (status !== 'paused') return [];
  const until = job.pausedUntil ? ` until ${job.pausedUntil.toISOString()}` : '';
  const detail = `the job is paused${until}: nothing starts before it is resumed`;
  return [{ code: 'job_paused', pointer: '/status', detail, suggestion: 'resume it' }];
}
