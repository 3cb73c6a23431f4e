import { Inject, Injectable } from '@nestjs/common';
import { IAuditTrail } from '../../audit/interfaces/audit-trail.js';
import type { Witness } from '../../audit/interfaces/audit-trail.js';
import type { Answered } from '../../idempotency/services/idempotency.js';
import { Batches } from '../../kernel/batches.js';
import { IClock } from '../../kernel/clock.js';
import { DomainError } from '../../kernel/errors.js';
import { Slices } from '../../kernel/slices.js';
import type { MaybePromise } from '../../kernel/maybe-promise.js';
import { ITransactionRunner } from '../../kernel/transaction.js';
import { asNewView, auditedJob } from '../domain/job-input.js';
import { withNextStart } from '../domain/next-start-of.js';
import type { JobInput } from '../domain/job-input.js';
import type { Job, JobView } from '../domain/job.js';
import { IJobRepository } from '../interfaces/job-repository.js';
import { IRunPlanner } from '../interfaces/run-planner.js';
import { CachedDatabaseTime } from './cached-database-time.js';
import { JobDefinitions } from './job-definitions.js';
import { LiveJobQuota } from './live-job-quota.js';
import type { Admission } from './live-job-quota.js';
import { withoutCalendars } from './schedule-days.js';

/** A submission of one job without an idempotency key. */
export interface Submission {
  input: JobInput;
  /** JSON pointer to the job in the request body; empty when the job is the whole body. */
  pointer: string;
  userId: string;
  admission: Admission;
  /** Submits the job in a transaction of its own. */
  alone: () => Promise<Answered<JobView[]>>;
}

interface Waiting extends Omit<Submission, 'alone'> {
  witness: Witness;
  /** Null tells the request that waits for this to submit its job alone. */
  resolve: (answered: Answered<JobView[]> | null) => void;
  reject: (error: unknown) => void;
}

/** A second batch starts when a slow disk, or the count of one user's jobs, delays the first. */
const limits = { maxItems: 100, maxInFlight: 2, secondAfterMs: 10 };

/**
 * Commits simultaneous submissions together: one statement that writes all of them costs little more than a statement for one.
 * A submission never waits for others while fewer than `maxInFlight` groups run. A fault in one submission rejects that one only.
 * When the data of a group prevents its commit, each submission of the group is tried alone.
 */
@Injectable()
export class SubmissionGroups {
  private readonly time: CachedDatabaseTime;
  private readonly batches = new Batches<Waiting>(limits, (group) => this.take(group));

  constructor(
    @Inject(IJobRepository) private readonly jobs: IJobRepository,
    @Inject(IRunPlanner) private readonly planner: IRunPlanner,
    @Inject(ITransactionRunner) private readonly transactions: ITransactionRunner,
    @Inject(IAuditTrail) private readonly trail: IAuditTrail,
    @Inject(IClock) clock: IClock,
    private readonly definitions: JobDefinitions,
    private readonly live: LiveJobQuota,
  ) {
    this.time = new CachedDatabaseTime(() => this.jobs.now(null), clock);
  }

  /** @throws the same errors as `alone` */
  submit({ input, pointer, userId, admission, alone }: Submission): Promise<Answered<JobView[]>> {
    if (admission.isAlone || this.definitions.needsDatabase(input)) return alone();
    return new Promise<Answered<JobView[]> | null>((resolve, reject) => {
      const witness = this.trail.capture();
      this.batches.add({ input, pointer, userId, admission, witness, resolve, reject });
    }).then((answered) => answered ?? alone());
  }

  private async take(group: Waiting[]): Promise<void> {
    try {
      const views = await this.create(group);
      for (const one of group) {
        const outcome = views.get(one);
        if (outcome instanceof DomainError) one.reject(outcome);
        else if (outcome) one.resolve({ answer: [outcome], replayed: false });
      }
    } catch (error) {
      const isTriedAlone = concernsOne(error);
      for (const one of group)
        if (isTriedAlone) one.resolve(null);
        else one.reject(error);
    }
  }

  private async create(group: Waiting[]): Promise<Map<Waiting, JobView | DomainError>> {
    const now = await this.time.now();
    const views = new Map<Waiting, JobView | DomainError>();
    const taken: { one: Waiting; job: Job }[] = [];
    const slices = new Slices();
    for (const one of group) {
      const defined = this.define(one, now);
      const job = defined instanceof Promise ? await defined : defined;
      views.set(one, job instanceof DomainError ? job : withNextStart(asNewView(job), withoutCalendars));
      if (!(job instanceof DomainError)) taken.push({ one, job });
      const rest = slices.next();
      if (rest) await rest;
    }
    const jobs = taken.map(({ job }) => job);
    if (jobs.length === 0) return views;
    await this.planner.planNew(jobs, now, (write) => {
      const admissions = taken.map(({ one }) => one.admission);
      const entries = taken.map(({ one: { witness }, job }) => ({
        witness,
        change: { target: { kind: 'job', id: job.id }, after: auditedJob(job) },
      }));
      return this.transactions.atOnce((tx) =>
        Promise.all([
          write(tx),
          this.jobs.insert(tx, jobs),
          this.live.confirm(tx, admissions),
          this.trail.recordAll(tx, entries),
        ]),
      );
    });
    return views;
  }

  private define({ input, pointer, userId, admission }: Waiting, now: Date): MaybePromise<Defined> {
    const admitted = (job: Job): Job => {
      admission.check();
      return job;
    };
    try {
      const job = this.definitions.defineWithoutDatabase(input, userId, now, pointer);
      return job instanceof Promise ? job.then(admitted).catch(refusalOf) : admitted(job);
    } catch (error) {
      return refusalOf(error);
    }
  }
}

/** A job, or the error that refuses it. */
type Defined = Job | DomainError;

function refusalOf(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  throw error;
}

/** Whether one submission caused the error. For other errors, such as a lost connection, a second try of each would only take longer. */
function concernsOne(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return error instanceof DomainError || typeof code !== 'string' || /^2[23]/.test(code);
}
