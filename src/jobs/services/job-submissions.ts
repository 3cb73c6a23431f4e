import { Inject, Injectable } from '@nestjs/common';
import { fingerprintOf } from '../../idempotency/domain/fingerprint.js';
import { Idempotency } from '../../idempotency/services/idempotency.js';
import type { Answered } from '../../idempotency/services/idempotency.js';
import { ITransactionRunner } from '../../kernel/transaction.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { Job, JobView } from '../domain/job.js';
import type { JobInput } from '../domain/job-input.js';
import { IJobRepository } from '../interfaces/job-repository.js';
import { IRunPlanner } from '../interfaces/run-planner.js';
import type { PlannedRings } from '../interfaces/run-planner.js';
import { JobDefinitions } from './job-definitions.js';

/** A submission's sender, and the key that makes it safe to send again. */
export interface Sender {
  userId: string;
  idempotencyKey: string | null;
}

/** Takes jobs in: all of a submission or nothing, committed before it is answered (guarantee 1). */
@Injectable()
export class JobSubmissions {
  constructor(
    @Inject(IJobRepository) private readonly jobs: IJobRepository,
    @Inject(IRunPlanner) private readonly planner: IRunPlanner,
    @Inject(ITransactionRunner) private readonly transactions: ITransactionRunner,
    private readonly definitions: JobDefinitions,
    private readonly idempotency: Idempotency,
  ) {}

  async submit(input: JobInput, sender: Sender): Promise<Answered<JobView>> {
    const { answer, replayed } = await this.take([input], input, 'POST /jobs', sender, () => '');
    return { answer: answer[0] as JobView, replayed };
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
    const rings: PlannedRings[] = [];
    const request =
      idempotencyKey === null ? null : { userId, route, key: idempotencyKey, fingerprint: fingerprintOf(body) };
    const answered = await this.transactions.run((tx) =>
      this.idempotency.once(tx, request, async () => {
        const { views, planned } = await this.create(tx, inputs, userId, prefix);
        rings.splice(0, Infinity, ...planned);
        return views;
      }),
    );
    this.planner.ring(rings);
    return answered;
  }

  private async create(tx: Transaction, inputs: JobInput[], userId: string, prefix: (index: number) => string) {
    const now = await this.jobs.now(tx);
    const jobs = await this.definitions.define(tx, inputs, userId, now, prefix);
    const views = jobs.map(asNew);
    const plan = this.planner.prepare(jobs, now);
    await this.jobs.insert(tx, jobs);
    return { views, planned: await plan.write(tx) };
  }
}

/** How a job looks that has just been submitted. Taken before planning moves `nextRunAt` on. */
const asNew = (job: Job): JobView => ({ ...job, nextRunAt: job.scheduledAt ?? job.nextRunAt, lastRun: null });
