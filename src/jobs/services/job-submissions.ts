import { Inject, Injectable } from '@nestjs/common';
import type { Change } from '../../audit/domain/change.js';
import { IAuditTrail } from '../../audit/interfaces/audit-trail.js';
import { fingerprintOf } from '../../idempotency/domain/fingerprint.js';
import { Idempotency } from '../../idempotency/services/idempotency.js';
import type { Answered } from '../../idempotency/services/idempotency.js';
import type { KeyedRequest } from '../../idempotency/interfaces/idempotency-store.js';
import { andThen } from '../../kernel/maybe-promise.js';
import { ITransactionRunner } from '../../kernel/transaction.js';
import type { Transaction } from '../../kernel/transaction.js';
import { PayloadQuotaService } from '../../quotas/services/payload-quota.service.js';
import { SubmissionQuotaService } from '../../quotas/services/submission-quota.service.js';
import type { Job, JobView } from '../domain/job.js';
import { auditedJob } from '../domain/job-input.js';
import type { JobInput } from '../domain/job-input.js';
import { IJobRepository } from '../interfaces/job-repository.js';
import { IRunPlanner } from '../interfaces/run-planner.js';
import type { PlannedRings } from '../interfaces/run-planner.js';
import { JobDefinitions } from './job-definitions.js';
import { LiveJobQuota } from './live-job-quota.js';
import type { Admission } from './live-job-quota.js';
import { JobViews } from './job-views.js';
import { SubmissionGroups } from './submission-groups.js';

/** The sender of a submission, and the idempotency key that makes a repeated request safe. */
export interface Sender {
  userId: string;
  idempotencyKey: string | null;
}

/** Accepts submissions: all jobs of a submission are created or none, and they are committed before the answer (guarantee 1). */
@Injectable()
export class JobSubmissions {
  constructor(
    @Inject(IJobRepository) private readonly jobs: IJobRepository,
    @Inject(IRunPlanner) private readonly planner: IRunPlanner,
    @Inject(ITransactionRunner) private readonly transactions: ITransactionRunner,
    private readonly definitions: JobDefinitions,
    private readonly idempotency: Idempotency,
    private readonly payloads: PayloadQuotaService,
    private readonly rate: SubmissionQuotaService,
    private readonly live: LiveJobQuota,
    private readonly groups: SubmissionGroups,
    @Inject(IAuditTrail) private readonly trail: IAuditTrail,
    private readonly views: JobViews,
  ) {}

  submit(input: JobInput, sender: Sender): Promise<Answered<JobView>> {
    return this.take([input], input, 'POST /jobs', sender, wholeBody).then(ofOne);
  }

  /** @param inputs 1 to 1,000 */
  submitMany(inputs: JobInput[], sender: Sender): Promise<Answered<JobView[]>> {
    return this.take(inputs, inputs, 'POST /jobs/bulk', sender, (index) => `/jobs/${index}`);
  }

  private async take(
    inputs: JobInput[],
    body: unknown,
    route: string,
    { userId, idempotencyKey }: Sender,
    prefix: (index: number) => string,
  ): Promise<Answered<JobView[]>> {
    const payloads = inputs.map(({ payload }, index) => ({ pointer: `${prefix(index)}/payload`, payload }));
    const allowed = andThen(this.payloads.check(userId, payloads), () => this.rate.take(userId, inputs.length));
    if (allowed instanceof Promise) await allowed;
    const request =
      idempotencyKey === null ? null : { userId, route, key: idempotencyKey, fingerprint: fingerprintOf(body) };
    const answered = await this.live.admitting(userId, inputs.length, (admission) => {
      const alone = () => this.takeAlone(inputs, userId, request, prefix, admission);
      const [input] = inputs;
      return request === null && inputs.length === 1 && input
        ? this.groups.submit({ input, pointer: prefix(0), userId, admission, alone })
        : alone();
    });
    return answered;
  }

  private async takeAlone(
    inputs: JobInput[],
    userId: string,
    request: KeyedRequest | null,
    prefix: (index: number) => string,
    admission: Admission,
  ): Promise<Answered<JobView[]>> {
    const rings: PlannedRings[] = [];
    const answered = await this.transactions.run(async (tx) => {
      await admission.begin(tx);
      return this.idempotency.once(tx, request, async () => {
        const { views, planned } = await this.create(tx, inputs, userId, prefix, admission);
        rings.splice(0, Infinity, ...planned);
        return views;
      });
    });
    this.planner.ring(rings);
    return answered;
  }

  private async create(
    tx: Transaction,
    inputs: JobInput[],
    userId: string,
    prefix: (index: number) => string,
    admission: Admission,
  ) {
    const now = await this.jobs.now(tx);
    const jobs = await this.definitions.define(tx, inputs, userId, now, prefix);
    const views = await this.views.ofNew(tx, jobs);
    const plan = await this.planner.prepare(tx, jobs, now);
    admission.check();
    await this.jobs.insert(tx, jobs);
    await this.live.confirm(tx, [admission]);
    const planned = await plan.write();
    await this.trail.record(tx, submissionOf(jobs));
    return { views, planned };
  }
}

const wholeBody = (): string => '';

const ofOne = ({ answer: [view], replayed }: Answered<JobView[]>): Answered<JobView> => ({ answer: view!, replayed });

/** A submission makes one entry in the audit log, whatever its number of jobs. */
function submissionOf(jobs: readonly Job[]): Change {
  const [job] = jobs;
  if (jobs.length === 1 && job) return { target: { kind: 'job', id: job.id }, after: auditedJob(job) };
  return { target: { kind: 'job', id: null }, after: jobs.map(({ id }) => id), count: jobs.length };
}
