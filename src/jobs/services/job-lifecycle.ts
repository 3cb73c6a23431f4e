import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { IAuditTrail } from '../../audit/interfaces/audit-trail.js';
import type { DomainError } from '../../kernel/errors.js';
import { conflict, invalid } from '../../kernel/errors.js';
import type { Precondition } from '../../kernel/precondition.js';
import { ITransactionRunner } from '../../kernel/transaction.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { Job, JobView, OwnedBy } from '../domain/job.js';
import { auditedJob } from '../domain/job-input.js';
import { IJobOwners } from '../interfaces/job-owners.js';
import { IJobRepository } from '../interfaces/job-repository.js';
import { IRunPlanner } from '../interfaces/run-planner.js';
import type { PlannedRings } from '../interfaces/run-planner.js';
import { refuseFinished } from './job-changes.js';
import { JobViews } from './job-views.js';

@Injectable()
export class JobLifecycle {
  constructor(
    @Inject(IJobRepository) private readonly jobs: IJobRepository,
    @Inject(IJobOwners) private readonly owners: IJobOwners,
    @Inject(IRunPlanner) private readonly planner: IRunPlanner,
    @Inject(ITransactionRunner) private readonly transactions: ITransactionRunner,
    @Inject(IAuditTrail) private readonly trail: IAuditTrail,
    private readonly views: JobViews,
  ) {}

  /** No run starts after this has resolved. A running attempt is asked to stop. */
  async cancel(id: string, userId: OwnedBy, expected: Precondition<JobView> = null): Promise<JobView> {
    await this.move(id, userId, expected, async (tx, job, now) => {
      refuseFinished(job, 'cancelled');
      await this.end(tx, job, now);
      await this.record(tx, job, { ...job, status: 'cancelled' });
      return [];
    });
    this.planner.nudgeWorkers();
    await this.planner.startsSettled(id);
    return this.views.get(id, userId);
  }

  /** As {@link cancel}, in the caller's transaction, for a job that is locked and not finished. */
  async end(tx: Transaction, job: Job, now: Date): Promise<void> {
    await this.planner.settlePassed(tx, job, now);
    await this.planner.cancelAll(tx, job, now);
    const activeUntil = job.activeUntil && job.activeUntil < now ? job.activeUntil : now;
    await this.jobs.update(tx, { ...job, status: 'cancelled', nextRunAt: null, activeUntil, updatedAt: now });
  }

  /**
   * No run starts after this has resolved. Running attempts go on to their end.
   * @param until when the job resumes by itself; null waits for `resume`
   */
  async pause(
    id: string,
    userId: OwnedBy,
    note: string | null,
    until: Date | null,
    expected: Precondition<JobView> = null,
  ): Promise<JobView> {
    await this.move(id, userId, expected, async (tx, job, now) => {
      refuseFinished(job, 'paused');
      // A pause on request may replace a pause for a disabled account: the job then stays paused when the account is enabled.
      if (job.status === 'paused' && job.pauseReason !== 'account_disabled')
        throw conflict('JOB_PAUSED', 'The job is paused already; POST …/resume ends that.', { status: 'paused' });
      if (until && until <= now) throw invalid([{ pointer: '/until', detail: 'until must be in the future.' }]);
      const pause = { pausedAt: now, pausedUntil: until, pauseNote: note, pauseReason: 'requested' } as const;
      const paused: Job = { ...job, ...pause, status: 'paused', updatedAt: now };
      await this.jobs.update(tx, paused);
      await this.record(tx, job, paused);
      return [];
    });
    await this.planner.startsSettled(id);
    return this.views.get(id, userId);
  }

  /** The job's catch-up policy decides which times of the pause are made up; the others end as `skipped: paused`. */
  async resume(id: string, userId: OwnedBy, expected: Precondition<JobView> = null): Promise<JobView> {
    await this.move(id, userId, expected, async (tx, job, now) => {
      if (job.status !== 'paused')
        throw conflict('JOB_NOT_PAUSED', `The job is ${job.status}, not paused.`, { status: job.status });
      if (!(await this.owners.holdActive(tx, job.userId))) throw ownerDisabled();
      const ended = { pausedUntil: null, pauseNote: null, pauseReason: null };
      const resumed: Job = { ...job, ...ended, status: 'pending', updatedAt: now };
      const rings = await this.planner.planAfterPause(tx, resumed, now);
      await this.jobs.update(tx, resumed);
      await this.record(tx, job, resumed);
      return rings;
    });
    return this.views.get(id, userId);
  }

  /**
   * Removes the job and all its history. A running handler is asked to stop, but this does not wait for it, and its outcome is
   * dropped. No run starts after this has resolved.
   */
  async delete(id: string, userId: OwnedBy, expected: Precondition<JobView> = null): Promise<void> {
    let msUntilStartsSettled = 0;
    await this.transactions.run(async (tx) => {
      const job = await this.views.lockExpected(tx, id, userId, expected);
      msUntilStartsSettled = await this.planner.deleteAll(tx, job.id);
      await this.jobs.delete(tx, job.id);
      await this.record(tx, job, null);
    });
    this.planner.nudgeWorkers();
    if (msUntilStartsSettled > 0) await sleep(Math.ceil(msUntilStartsSettled));
  }

  private async move(
    id: string,
    userId: OwnedBy,
    expected: Precondition<JobView>,
    act: (tx: Transaction, job: Job, now: Date) => Promise<PlannedRings[]>,
  ): Promise<void> {
    const rings = await this.transactions.run(async (tx) =>
      act(tx, await this.views.lockExpected(tx, id, userId, expected), await this.jobs.now(tx)),
    );
    this.planner.ring(rings);
  }

  private record(tx: Transaction, before: Job, after: Job | null): Promise<void> {
    const target = { kind: 'job', id: before.id };
    return this.trail.record(tx, { target, before: auditedJob(before), after: after && auditedJob(after) });
  }
}

const ownerDisabled = (): DomainError =>
  conflict(
    'ACCOUNT_DISABLED',
    'The account of the owner is disabled; once it is enabled, the job resumes unless somebody paused it.',
  );
