import { Inject, Injectable } from '@nestjs/common';
import { IAuditTrail } from '../../audit/interfaces/audit-trail.js';
import { conflict } from '../../kernel/errors.js';
import type { Precondition } from '../../kernel/precondition.js';
import { ITransactionRunner } from '../../kernel/transaction.js';
import type { Transaction } from '../../kernel/transaction.js';
import { PayloadQuotaService } from '../../quotas/services/payload-quota.service.js';
import { canonical } from '../../kernel/canonical.js';
import type { ChangedJob, Job, JobView } from '../domain/job.js';
import { auditedJob, changed, inputOf } from '../domain/job-input.js';
import type { JobInput } from '../domain/job-input.js';
import { isFinished } from '../domain/job-status.js';
import { movedTimes } from '../domain/moved-times.js';
import { IJobRepository } from '../interfaces/job-repository.js';
import { IRunPlanner } from '../interfaces/run-planner.js';
import type { PlannedRings } from '../interfaces/run-planner.js';
import { JobDefinitions, sameSchedule } from './job-definitions.js';
import { JobViews } from './job-views.js';
import { ScheduleChanges } from './schedule-changes.js';

/** Fields that may change after a job has finished, because they do not affect how it ran. */
const labels = ['name', 'description', 'notifyOnFailure'];

/** Changes a job's definition. A run that has started keeps the definition under which it started. */
@Injectable()
export class JobChanges {
  constructor(
    @Inject(IJobRepository) private readonly jobs: IJobRepository,
    @Inject(IRunPlanner) private readonly planner: IRunPlanner,
    @Inject(ITransactionRunner) private readonly transactions: ITransactionRunner,
    private readonly definitions: JobDefinitions,
    private readonly schedules: ScheduleChanges,
    private readonly payloads: PayloadQuotaService,
    @Inject(IAuditTrail) private readonly trail: IAuditTrail,
    private readonly views: JobViews,
  ) {}

  /** PUT: replaces the whole definition. A field that the input does not name takes its default. An equal definition changes nothing. */
  async replace(id: string, userId: string, input: JobInput, expected: Precondition<JobView>): Promise<ChangedJob> {
    await this.payloads.check(userId, [{ pointer: '/payload', payload: input.payload }]);
    return this.change(id, userId, expected, () => input);
  }

  /** PATCH: changes the given fields. Null resets a field to its default. A value equal to the current one changes nothing. */
  async patch(
    id: string,
    userId: string,
    change: Partial<JobInput>,
    expected: Precondition<JobView>,
  ): Promise<ChangedJob> {
    await this.payloads.check(userId, [{ pointer: '/payload', payload: change.payload }]);
    return this.change(id, userId, expected, (job) => changed(inputOf(job), change));
  }

  /** Moves a job that has not started to another time. A recurring job counts its times from the new one. */
  reschedule(
    id: string,
    userId: string,
    scheduledAt: unknown,
    expected: Precondition<JobView> = null,
  ): Promise<ChangedJob> {
    return this.change(id, userId, expected, (job) => {
      refuseFinished(job, 'rescheduled');
      return changed(inputOf(job), { scheduledAt });
    });
  }

  private async change(
    id: string,
    userId: string,
    expected: Precondition<JobView>,
    rewrite: (job: Job) => JobInput,
  ): Promise<ChangedJob> {
    const { planned, scheduleNote } = await this.transactions.run(async (tx) => {
      const job = await this.views.lockExpected(tx, id, userId, expected);
      const now = await this.jobs.now(tx);
      const input = rewrite(job);
      if (input.type !== job.type) throw conflict('TYPE_IS_FIXED', `A ${job.type} job cannot become ${input.type}.`);
      const next = await this.definitions.redefine(tx, job, keepTime(job, input), now);
      if (isFinished(job.status)) refuseMoreThanLabels(job, next);
      const planned = next === job ? [] : await this.write(tx, job, next, now);
      const target = { kind: 'job', id };
      await this.trail.record(tx, { target, before: auditedJob(job), after: auditedJob(next) });
      return { planned, scheduleNote: movedTimes(job, next, now) };
    });
    this.planner.ring(planned);
    // A run that a worker has claimed keeps the definition it was claimed under, so it must have started before the answer.
    await this.planner.startsSettled(id);
    return { ...(await this.views.get(id, userId)), scheduleNote };
  }

  private async write(tx: Transaction, job: Job, next: Job, now: Date): Promise<PlannedRings[]> {
    const planned = await this.replan(tx, job, next, now);
    await this.jobs.update(tx, next, job);
    return planned;
  }

  private async replan(tx: Transaction, job: Job, next: Job, now: Date): Promise<PlannedRings[]> {
    if (isFinished(job.status)) return [];
    const live = await this.planner.liveState(tx, job.id);
    const moved = !sameSchedule(job, next);
    if (live === 'running' && ((moved && job.type === 'one_time') || job.handler !== next.handler))
      throw conflict('JOB_RUNNING', 'The job is running; its time and its handler can change when it has ended.', {
        status: 'running',
      });
    if (job.handler === next.handler) await this.planner.keepPayload(tx, job);
    if (!moved) return [];
    return this.schedules.putInForce(tx, job, next, now);
  }
}

/** A definition without a time keeps the job's time. Only a new one-time job has the default "now". */
function keepTime(job: Job, input: JobInput): JobInput {
  if (job.type !== 'one_time' || input.scheduledAt !== undefined) return input;
  const sameZone = (input.timezone ?? null) === job.timezone;
  return { ...input, scheduledAt: (sameZone && job.scheduledLocal) || job.scheduledAt?.toISOString() };
}

export function refuseFinished(job: Job, participle: string): void {
  if (isFinished(job.status))
    throw conflict('JOB_FINISHED', `A job that is ${job.status} cannot be ${participle}.`, { status: job.status });
}

function refuseMoreThanLabels(job: Job, next: Job): void {
  const before = inputOf(job) as unknown as Record<string, unknown>;
  const after = inputOf(next) as unknown as Record<string, unknown>;
  const touched = Object.keys({ ...before, ...after }).filter(
    (field) => !labels.includes(field) && canonical(before[field]) !== canonical(after[field]),
  );
  if (touched.length > 0)
    throw conflict('JOB_FINISHED', `The job is ${job.status}; only ${labels.join(', ')} can still change.`, {
      status: job.status,
    });
}
