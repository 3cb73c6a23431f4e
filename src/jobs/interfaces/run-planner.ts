import type { Transaction } from '../../kernel/transaction.js';
import type { JsonObject } from '../../kernel/json.js';
import type { Job } from '../domain/job.js';

/** Doorbells to ring once the transaction has committed. */
export interface PlannedRings {
  runId: string;
  /** The owner of the run, where it is known. */
  userId?: string;
  delayMs: number;
}

/** What jobs need of runs. Methods with `tx` work in the caller's transaction, so that a job and its runs change together. */
export interface IRunPlanner {
  /**
   * Computes the runs that the jobs need now: the run of a one-time job, and the runs of a recurring job within the horizon.
   * Sets `nextRunAt`, `plannedCount` and `activeUntil` of the given jobs; the caller writes the jobs before it calls `write`.
   *
   * Many jobs are planned in slices (see `Slices`), so that the process stays responsive.
   * @param now the database's clock
   */
  prepare(tx: Transaction, jobs: Job[], now: Date): Promise<{ write(): Promise<PlannedRings[]> }>;

  /**
   * As `prepare`, for new jobs that name no calendar. Rings for their runs after the commit. A due run may start directly in this
   * process after the commit, without a doorbell.
   * @param commit writes the planned jobs and calls `write`, both in one transaction of `ITransactionRunner.atOnce`; resolves after
   *   the commit
   * @returns the result of `commit`; rejects when `commit` rejects
   */
  planNew<T>(jobs: Job[], now: Date, commit: (write: (tx: Transaction) => Promise<void>) => Promise<T>): Promise<T>;

  /**
   * As `prepare`, for recurring jobs whose rows exist: a job whose schedule cannot be computed does not block the others.
   * One statement writes all rows.
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

  /** Plans a resumed job. Its catch-up policy decides about the times that passed in the pause; later times are planned as usual. */
  planAfterPause(tx: Transaction, job: Job, now: Date): Promise<PlannedRings[]>;

  /**
   * Creates the rows of all times up to `now` that have none, before the schedule changes or ends. The times of a paused job end as
   * `skipped: paused`; for other jobs the catch-up policy decides. Where the ticker is up to date, no time lacks its row.
   */
  settlePassed(tx: Transaction, job: Job, now: Date): Promise<PlannedRings[]>;

  /**
   * Removes the runs planned after `now`, for a schedule that is about to change. The overdue or retrying run of a one-time job ends
   * as `cancelled: rescheduled`.
   */
  unplan(tx: Transaction, job: Job, now: Date): Promise<void>;

  /** The jobs that have a planned run after `after` without an attempt. */
  plannedAhead(tx: Transaction, jobIds: string[], after: Date): Promise<Set<string>>;

  /** As `plan`, for a job whose schedule has just changed: leaves out times that still have a row. */
  planAgain(tx: Transaction, job: Job, now: Date): Promise<PlannedRings[]>;

  /** Makes the runs that are already due keep the definition under which they became due. */
  keepPayload(tx: Transaction, job: Job): Promise<void>;

  /** Creates a run outside the schedule. @returns its id, and the doorbells to ring */
  trigger(
    tx: Transaction,
    job: Job,
    nominalAt: Date,
    payload: JsonObject | null,
  ): Promise<{ runId: string; rings: PlannedRings[] }>;

  /** Removes a recurring job's runs after `now`, ends its other runs that have not started, and asks running ones to stop. */
  cancelAll(tx: Transaction, job: Job, now: Date): Promise<{ ended: number; asked: number }>;

  /** Removes all runs of the job, with their history. @returns for how many ms a claimed run may still start */
  deleteAll(tx: Transaction, jobId: string): Promise<number>;

  /**
   * The first of `running`, `retrying` and `scheduled` that an unfinished run of the job has; null when it has none. It cannot change
   * until the transaction ends.
   */
  liveState(tx: Transaction, jobId: string): Promise<'running' | 'retrying' | 'scheduled' | null>;

  /** Nudges workers: running runs are asked to stop, or runs are deleted. Never fails. Call it after the commit. */
  nudgeWorkers(): void;

  /**
   * Resolves when each run of the job that a worker had claimed has started, or can no longer start. An answer that no run starts is
   * true from then on. Call it after the commit that prevents further claims. Takes at most half a second, and up to
   * `CLAIM_AHEAD_MS` longer where a run was about to be due.
   */
  startsSettled(jobId: string): Promise<void>;

  /** As `startsSettled`, for all jobs of a user. */
  startsSettledOf(userId: string): Promise<void>;

  /** Rings without a wait. Never fails. Call it after the commit. */
  ring(rings: PlannedRings[]): void;
}
export const IRunPlanner = Symbol('IRunPlanner');
