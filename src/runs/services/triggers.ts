import { Inject, Injectable } from '@nestjs/common';
import { IAuditTrail } from '../../audit/interfaces/audit-trail.js';
import { fingerprintOf } from '../../idempotency/domain/fingerprint.js';
import { Idempotency } from '../../idempotency/services/idempotency.js';
import type { Answered } from '../../idempotency/services/idempotency.js';
import type { JobView } from '../../jobs/domain/job.js';
import { IJobRepository } from '../../jobs/interfaces/job-repository.js';
import { IRunPlanner } from '../../jobs/interfaces/run-planner.js';
import type { PlannedRings } from '../../jobs/interfaces/run-planner.js';
import { JobDefinitions } from '../../jobs/services/job-definitions.js';
import type { Sender } from '../../jobs/services/job-submissions.js';
import { JobViews } from '../../jobs/services/job-views.js';
import { conflict, notFound } from '../../kernel/errors.js';
import type { JsonObject } from '../../kernel/json.js';
import type { Precondition } from '../../kernel/precondition.js';
import { ITransactionRunner } from '../../kernel/transaction.js';
import type { Transaction } from '../../kernel/transaction.js';
import { PayloadQuotaService } from '../../quotas/services/payload-quota.service.js';
import type { Run } from '../domain/run.js';
import { IRunRepository } from '../interfaces/run-repository.js';

/** What is to be run. */
export interface TriggerRequest {
  /** In place of the job's own; null takes that. */
  payload: JsonObject | null;
  /** The time that the run stands for; null takes now. */
  nominalAt: Date | null;
}

/** Runs a job now, once, without touching its schedule; also while it is paused. */
@Injectable()
export class Triggers {
  constructor(
    @Inject(IJobRepository) private readonly jobs: IJobRepository,
    @Inject(IRunRepository) private readonly runs: IRunRepository,
    @Inject(IRunPlanner) private readonly planner: IRunPlanner,
    @Inject(ITransactionRunner) private readonly transactions: ITransactionRunner,
    private readonly definitions: JobDefinitions,
    private readonly payloads: PayloadQuotaService,
    private readonly idempotency: Idempotency,
    @Inject(IAuditTrail) private readonly trail: IAuditTrail,
    private readonly views: JobViews,
  ) {}

  /**
   * @returns the run as it was created
   * @throws DomainError `not_found`; `JOB_FINISHED`, `RUN_EXISTS` (conflict); `CHANGED_MEANWHILE`; `IDEMPOTENCY_KEY_REUSED`
   */
  async trigger(
    jobId: string,
    { userId, idempotencyKey: key }: Sender,
    request: TriggerRequest,
    expected: Precondition<JobView> = null,
  ): Promise<Answered<Run>> {
    const { payload } = request;
    await this.payloads.check(userId, [{ pointer: '/payload', payload }]);
    const route = `POST /jobs/${jobId}/trigger`;
    const keyed = key === null ? null : { userId, route, key, fingerprint: fingerprintOf(request) };
    const rings: PlannedRings[] = [];
    const answered = await this.transactions.run((tx) =>
      this.idempotency.once(tx, keyed, async () => {
        const { run, planned } = await this.create(tx, jobId, userId, request, expected);
        rings.splice(0, Infinity, ...planned);
        return run;
      }),
    );
    this.planner.ring(rings);
    return answered;
  }

  private async create(
    tx: Transaction,
    jobId: string,
    userId: string,
    { payload, nominalAt }: TriggerRequest,
    expected: Precondition<JobView>,
  ): Promise<{ run: Run; planned: PlannedRings[] }> {
    const job = await this.views.lockExpected(tx, jobId, userId, expected);
    if (job.status === 'cancelled')
      throw conflict('JOB_FINISHED', 'A job that is cancelled cannot be triggered.', { status: job.status });
    if (payload) await this.definitions.checkPayload(tx, job, payload);
    const { runId, rings } = await this.planner.trigger(tx, job, nominalAt ?? (await this.jobs.now(tx)), payload);
    await this.trail.record(tx, { target: { kind: 'job', id: jobId } });
    const run = await this.runs.find(runId, tx);
    if (!run) throw notFound('run');
    return { run, planned: rings };
  }
}
