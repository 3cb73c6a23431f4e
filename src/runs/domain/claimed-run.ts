import type { Job } from '../../jobs/domain/job.js';
import type { JsonObject } from '../../kernel/json.js';
import { asStored } from '../../kernel/stored-json.js';
import type { NewRun, RunTrigger } from './run.js';

export type LostPolicy = 'retry' | 'park';

/** Who claims, and for how long. */
export interface Claimant {
  workerId: string;
  leaseMs: number;
  /** How long before `dueAt` a run may be claimed, in ms. */
  aheadMs: number;
}

/** Everything a worker needs to execute one attempt, as the claim handed it out. */
export interface ClaimedRun {
  runId: string;
  jobId: string;
  userId: string;
  jobName: string;
  jobType: 'one_time' | 'recurring';
  handler: string;
  payload: JsonObject;
  trigger: RunTrigger;
  nominalAt: Date;
  dueAt: Date;
  /** Milliseconds from the claim until `dueAt` on the database's clock; negative when it is overdue. */
  waitMs: number;
  /** The database's clock at the claim, in ms since 1970, with fractions. */
  claimedAtMs: number;
  /** This attempt's number, from 1. */
  attempt: number;
  maxRetries: number;
  /** Base delay of the job's backoff in ms; null takes the configured one. */
  retryDelayMs: number | null;
  /** Time limit of one attempt in ms; null takes the configured one. */
  timeoutMs: number | null;
  /** What a lost attempt means; null takes the handler's default. */
  onLost: LostPolicy | null;
  notifyOnFailure: boolean | null;
  leaseToken: string;
}

/** What the claim of a run that is born claimed would have handed out. @param claimedAtMs the database's clock at its birth */
export const claimedAtInsert = (job: Job, run: NewRun, claimedAtMs: number): ClaimedRun => ({
  runId: run.id,
  jobId: job.id,
  userId: job.userId,
  jobName: job.name,
  jobType: job.type,
  handler: job.handler,
  payload: asStored(run.payload ?? job.payload),
  trigger: run.trigger,
  nominalAt: run.nominalAt,
  dueAt: run.dueAt,
  waitMs: run.dueAt.getTime() - claimedAtMs,
  claimedAtMs,
  attempt: 1,
  maxRetries: job.maxRetries,
  retryDelayMs: job.retryDelayMs,
  timeoutMs: job.timeoutMs,
  onLost: job.onLost,
  notifyOnFailure: job.notifyOnFailure,
  leaseToken: '1',
});
