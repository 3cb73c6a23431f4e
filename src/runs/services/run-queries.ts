import { Inject, Injectable } from '@nestjs/common';
import { IAuditTrail } from '../../audit/interfaces/audit-trail.js';
import type { OwnedBy } from '../../jobs/domain/job.js';
import { IJobPlans, IJobRepository } from '../../jobs/interfaces/job-repository.js';
import { conflict, notFound } from '../../kernel/errors.js';
import type { Page, PageRequest } from '../../kernel/page.js';
import { ITransactionRunner } from '../../kernel/transaction.js';
import type { Execution, ListedExecution } from '../domain/execution.js';
import type { ListedLogLine } from '../domain/log-line.js';
import type { ListedRun, Run } from '../domain/run.js';
import type { RunFilter } from '../domain/run-filter.js';
import { givenBack } from '../domain/runs-left.js';
import { IJobLogReader } from '../interfaces/job-logger.js';
import { IRunRepository } from '../interfaces/run-repository.js';
import { IWorkerNudges } from '../interfaces/worker-nudges.js';
import { PendingStarts } from './pending-starts.js';

/** What an owner sees of runs, and the one thing they may do to one. */
@Injectable()
export class RunQueries {
  constructor(
    @Inject(IRunRepository) private readonly runs: IRunRepository,
    @Inject(IJobRepository) private readonly jobs: IJobRepository,
    @Inject(IJobPlans) private readonly plans: IJobPlans,
    @Inject(IJobLogReader) private readonly logs: IJobLogReader,
    @Inject(ITransactionRunner) private readonly transactions: ITransactionRunner,
    @Inject(IWorkerNudges) private readonly nudges: IWorkerNudges,
    @Inject(IAuditTrail) private readonly trail: IAuditTrail,
    private readonly pendingStarts: PendingStarts,
  ) {}

  /** @throws DomainError `not_found`, also for a run of somebody else's job */
  async get(runId: string, userId: OwnedBy): Promise<Run> {
    const run = await this.runs.find(runId);
    if (!run || !(await this.jobs.find(run.jobId, userId))) throw notFound('run');
    return run;
  }

  async ofJob(jobId: string, userId: OwnedBy, filter: RunFilter, page: PageRequest): Promise<Page<ListedRun>> {
    await this.checkOwner(jobId, userId);
    return this.runs.findByJob(jobId, filter, page);
  }

  async executionsOfJob(jobId: string, userId: OwnedBy, page: PageRequest): Promise<Page<ListedExecution>> {
    await this.checkOwner(jobId, userId);
    return this.runs.executions({ jobId }, page);
  }

  async executionsOfRun(runId: string, userId: OwnedBy, page: PageRequest): Promise<Page<ListedExecution>> {
    await this.get(runId, userId);
    return this.runs.executions({ runId }, page);
  }

  /** @throws DomainError `not_found`, also for a run of somebody else's job */
  async execution(runId: string, attemptNumber: number, userId: OwnedBy): Promise<Execution> {
    await this.get(runId, userId);
    const execution = await this.runs.execution(runId, attemptNumber);
    if (!execution) throw notFound('execution');
    return execution;
  }

  async logsOfJob(jobId: string, userId: OwnedBy, page: PageRequest): Promise<Page<ListedLogLine>> {
    await this.checkOwner(jobId, userId);
    return this.logs.read({ jobId }, page);
  }

  async logsOfRun(runId: string, userId: OwnedBy, page: PageRequest): Promise<Page<ListedLogLine>> {
    await this.get(runId, userId);
    return this.logs.read({ runId }, page);
  }

  /**
   * Ends a run that waits; one that is running is asked to end. Its job goes on.
   * @returns the run; one that is not `running` then never begins an attempt, and one that is has begun it
   */
  async cancel(runId: string, userId: OwnedBy): Promise<Run> {
    const { state, jobId, trigger } = await this.get(runId, userId);
    const cancelled = await this.transactions.run(async (tx) => {
      // Under the job's lock, as everything that changes how many of its runs count.
      const job = await this.jobs.lock(tx, jobId, userId);
      if (!job) throw notFound('run');
      const outcome = await this.runs.cancel(tx, runId, 'cancelled_by_user');
      if (outcome === 'unstarted' && trigger === 'schedule')
        await this.plans.advance(tx, [{ id: jobId, ...givenBack(job, 1, jobId) }]);
      const change = { before: { state }, after: { cancelled: outcome === 'unstarted' ? 'ended' : outcome } };
      if (outcome !== null) await this.trail.record(tx, { target: { kind: 'run', id: runId }, ...change });
      return outcome;
    });
    if (cancelled === 'asked') {
      this.nudges.nudge();
      await this.pendingStarts.settled({ runId });
    }
    if (cancelled === null) throw conflict('RUN_FINISHED', `A run that is ${state} cannot be cancelled.`, { state });
    return this.get(runId, userId);
  }

  private async checkOwner(jobId: string, userId: OwnedBy): Promise<void> {
    if (!(await this.jobs.find(jobId, userId))) throw notFound('job');
  }
}
