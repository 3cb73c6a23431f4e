import type { JsonObject } from '../../kernel/json.js';
import type { Page, PageRequest } from '../../kernel/page.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { Execution, ListedExecution } from '../domain/execution.js';
import type { ListedRun, NewRun, Run, RunReason } from '../domain/run.js';
import type { RunFilter } from '../domain/run-filter.js';
import type { Ring } from '../domain/ring.js';
import type { Claimant } from '../domain/claimed-run.js';

/** Which of the runs that are inserted may be claimed by being inserted, and by whom. */
export interface InsertClaim {
  claimant: Claimant;
  runIds: ReadonlySet<string>;
}

/** A run that was inserted: claimed, or to be rung for. */
export interface InsertedRun extends Ring {
  /** The store's clock at its claim, in ms since 1970, with fractions; null: it was not claimed. */
  claimedAtMs: number | null;
}

/** Whose attempts may be about to begin. */
export type StartsOf = { jobId: string } | { runId: string } | { userId: string };

/** Rows of runs. There is one row for each (job, nominal time, trigger): a second insert of the same is refused. */
export interface IRunRepository {
  /** The database's clock: the one that decides what is due. */
  now(tx: Transaction): Promise<Date>;

  /**
   * Plans runs. Also in a transaction that is sent at once.
   * @param ifAbsent leave out those that exist already instead of rejecting with `RUN_EXISTS`
   * @returns what to ring once the transaction has committed: those due within the horizon
   */
  insert(tx: Transaction, runs: NewRun[], ifAbsent?: boolean): Promise<Ring[]>;

  /**
   * As `insert`, for runs of jobs that are inserted with them. Those that `birthright` names, that are due (less `aheadMs`) on the
   * database's clock and that pass no gate are born as `IRunLeases.claim` hands them out: attempt 1, lease token 1. They are
   * claimed if and when the transaction commits.
   * @returns those that are born claimed, and what to ring once the transaction has committed
   */
  insertClaimed(tx: Transaction, runs: NewRun[], birthright: InsertClaim, ifAbsent?: boolean): Promise<InsertedRun[]>;

  /** @param tx a transaction that may have created it; none: as all see it */
  find(runId: string, tx?: Transaction): Promise<Run | null>;
  findByJob(jobId: string, filter: RunFilter, page: PageRequest): Promise<Page<ListedRun>>;

  /** The attempts of a job or a run, newest first, the live one included. */
  executions(of: { jobId: string } | { runId: string }, page: PageRequest): Promise<Page<ListedExecution>>;

  /** One attempt of a run, whole. A number that a released attempt had, too, is that of the later one. */
  execution(runId: string, attemptNumber: number): Promise<Execution | null>;

  /** Ends what has not started and asks for the end of what runs. @returns how many of each */
  cancelByJob(tx: Transaction, jobId: string, reason: RunReason): Promise<{ ended: number; asked: number }>;

  /** The same for one run. @returns what has become of it; `unstarted` has ended as well, and no worker ever had it; null: it had ended */
  cancel(tx: Transaction, runId: string, reason: RunReason): Promise<'unstarted' | 'ended' | 'asked' | null>;

  /**
   * For how long, in ms, an attempt of the job, the run or the user's jobs that a worker has claimed may still be about to begin: until
   * `startDeadlineMs` after its start, or until it has ended. 0 or less: no attempt. In `tx` where one is given.
   */
  msUntilStartsSettled(of: StartsOf, tx?: Transaction): Promise<number>;

  /**
   * Forgets what is planned of the job after `after` and has never been attempted, suppressed times included.
   * @returns how many runs that would have started
   */
  deletePlanned(tx: Transaction, jobId: string, after: Date): Promise<number>;

  /** Those of the jobs of which `deletePlanned` would forget something. */
  jobsPlannedAfter(tx: Transaction, jobIds: string[], after: Date): Promise<string[]>;

  /** Forgets all planned runs of the job after `after` that have never been attempted and are not in line, past or future. */
  deleteUnstarted(tx: Transaction, jobId: string, after: Date): Promise<{ count: number; earliest: Date | null }>;

  /** The nominal times that the job's scheduled rows from `from` on account for, as inclusive spans. */
  spansFrom(tx: Transaction, jobId: string, from: Date): Promise<{ first: Date; last: Date }[]>;

  /** Owes the job's waiting runs their doorbells, from now on and as anew. @returns what to ring: those due within the horizon */
  ringWaiting(tx: Transaction, jobId: string): Promise<Ring[]>;

  /** Gives runs of the job that are due or retrying, and have no payload of their own, this one. */
  keepPayload(tx: Transaction, jobId: string, payload: JsonObject): Promise<void>;

  /**
   * Makes the live runs of a one-time job pass the gates, which they need not as long as they are alone: one that runs holds
   * others up from now on, one that has not begun waits for those before it. None of them loses its place.
   */
  bringToGate(tx: Transaction, jobId: string): Promise<void>;

  /** Runs of the job that are not final, locked: none of them is claimed or ends before the transaction does. */
  lockLive(tx: Transaction, jobId: string): Promise<Run[]>;

  /** Removes all history of the job. */
  deleteByJob(tx: Transaction, jobId: string): Promise<void>;
}
export const IRunRepository = Symbol('IRunRepository');
