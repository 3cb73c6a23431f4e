import type { Transaction } from '../../kernel/transaction.js';
import type { JsonObject } from '../../kernel/json.js';
import type { Job } from '../domain/job.js';

/** Doorbells to ring once the transaction has committed. */
export interface PlannedRings {
  runId: string;
  /** Whose it is, where that is known. */
  userId?: string;
  delayMs: number;
}

/** What jobs need of runs. Everything happens in the caller's transaction, so that a job and its runs change together. */
export interface IRunPlanner {
  /**
   * Computes the runs that the jobs need now: that of a one-time job, and those of a recurring job within the horizon.
   * Sets `nextRunAt`, `plannedCount` and `activeUntil` of the jobs passed in, which the caller writes before it calls `write`.
   *
   * Many jobs are planned in slices, between which others have their turn.
   * @param now the database's clock
   */
  prepare(tx: Transaction, jobs: Job[], now: Date): Promise<{ write(): Promise<PlannedRings[]> }>;

  /**
   * As `prepare`, for new jobs that name no calendar, and rings for their runs once they are committed. One that is due may start
   * in this process at that moment, without being rung for.
   * @param commit writes the jobs, which have been planned when it is called, and calls `write`, in one transaction that is sent
   *   at once; it resolves once that has committed
   * @returns what `commit` resolves to; rejects as it does
   */
  planNew<T>(jobs: Job[], now: Date, commit: (write: (tx: Transaction) => Promise<void>) => Promise<T>): Promise<T>;

  /**
   * As `prepare`, for recurring jobs whose rows exist: one whose schedule cannot be computed does not hold up the others.
   * All rows are written in one statement.
   */
  prepareEach(
    tx: Transaction,
    jobs: Job[],
    now: Date,
  ): Promise<{
    planned: Job[];
    broken: { job: Job; error: Error }[];
    write(): Promise<PlannedRings[]>;
  }>;

  /** `prepare` and `write` in one, for jobs whose rows exist; the caller writes the jobs. */
  plan(tx: Transaction, jobs: Job[], now: Date): Promise<PlannedRings[]>;

  /** The times that passed while the job was paused end as its catch-up policy says, the rest is planned as usual. */
  planAfterPause(tx: Transaction, job: Job, now: Date): Promise<PlannedRings[]>;

  /**
   * Accounts for every time up to `now` that has no row yet, before the schedule changes or ends: those of a paused job
   * end as `skipped: paused`, the others as the catch-up policy says. Nothing to do where the ticker has kept up.
   */
  settlePassed(tx: Transaction, job: Job, now: Date): Promise<PlannedRings[]>;

  /**
   * Forgets what is planned after `now`, for a schedule that is about to change. A one-time job's overdue or retrying
   * run ends as `cancelled: rescheduled`.
   */
  unplan(tx: Transaction, job: Job, now: Date): Promise<void>;

  /** Those of the jobs that have times after `after` planned which have not been attempted. */
  plannedAhead(tx: Transaction, jobIds: string[], after: Date): Promise<Set<string>>;

  /** `plan` for a job whose schedule has just changed: leaves out times that have kept their row. */
  planAgain(tx: Transaction, job: Job, now: Date): Promise<PlannedRings[]>;

  /** Runs that are due already keep the definition they were due under. */
  keepPayload(tx: Transaction, job: Job): Promise<void>;

  /** Creates a run outside of the schedule. @returns its id, and what to ring */
  trigger(
    tx: Transaction,
    job: Job,
    nominalAt: Date,
    payload: JsonObject | null,
  ): Promise<{ runId: string; rings: PlannedRings[] }>;

  /** Forgets the recurring job's times after `now`, ends what else has not started, asks for the end of what runs. */
  cancelAll(tx: Transaction, job: Job, now: Date): Promise<{ ended: number; asked: number }>;

  /** Removes all runs of the job, with their history. @returns ms for which one that a worker holds may still begin */
  deleteAll(tx: Transaction, jobId: string): Promise<number>;

  /** Whether an attempt of the job is under way, or between two attempts. It stays so until the transaction ends. */
  liveState(tx: Transaction, jobId: string): Promise<'running' | 'retrying' | 'scheduled' | null>;

  /** Tells workers that the end of running runs has been asked for, or that runs are gone; never fails. Only after the commit. */
  nudgeWorkers(): void;

  /**
   * Resolves when each run of the job that a worker had claimed has begun, or never will: what is answered from then on about
   * what starts is true. Only after the commit of what keeps others from being claimed. Takes half a second at most, and no
   * longer than `CLAIM_AHEAD_MS` more where a run was about to be due.
   */
  startsSettled(jobId: string): Promise<void>;

  /** As `begun`, for all jobs of a user. */
  begunOf(userId: string): Promise<void>;

  /** Rings without waiting; never fails. Only after the commit. */
  ring(rings: PlannedRings[]): void;
}
export const IRunPlanner = Symbol('IRunPlanner');
