import type { Catchup, OverlapPolicy } from '../../../jobs/domain/policies.js';
import type { RecurringSchedule } from '../../../schedules/domain/schedule.js';
import type { Transaction } from '../../../kernel/transaction.js';
import type { ClaimedRun } from '../../domain/claimed-run.js';
import type { GateRun, StartDecision } from '../domain/start-decision.js';
import type { Claimant } from '../../domain/claimed-run.js';

/** A job whose lock is held, recurring or triggered, with its live runs that pass gates: running, retrying, or scheduled and due. */
export interface GatedJob {
  jobId: string;
  overlapPolicy: OverlapPolicy;
  catchup: Catchup;
  schedule: RecurringSchedule | null;
  /** How far it has been planned. */
  nextRunAt: Date | null;
  plannedCount: number;
  activeUntil: Date | null;
  /** The database's clock. */
  now: Date;
  /** The oldest of those that are live: a backlog is worked off in pieces. */
  runs: GateRun[];
  /** Scheduled runs that are due, have not been looked at yet, and are not among `runs`. */
  unseen: number;
}

/** The gates before a start that other runs of the job may stand in the way of. All of it happens under the job's row lock, so that two workers cannot both pass. */
export interface IRunGates {
  /**
   * Locks those of the jobs that nobody else has locked.
   * @param lockWaitMs waits for up to so many ms for each job that somebody else has locked; 0 leaves such jobs out
   * @throws what the database answers when a lock was not free in time; the transaction is void then
   */
  lock(tx: Transaction, jobIds: string[], lockWaitMs?: number): Promise<GatedJob[]>;

  /** Commits decisions other than starts, by compare-and-set on the state that they were made from. */
  decide(tx: Transaction, decisions: StartDecision[]): Promise<void>;

  /** As `IRunLeases.claim`, for runs whose gates are open. */
  claim(tx: Transaction, runIds: string[], claimant: Claimant): Promise<ClaimedRun[]>;

  /** For each job, the oldest of its runs that are due and wait: whose turn it may be now. */
  nextInLine(jobIds: string[]): Promise<{ runId: string; jobId: string }[]>;
}
export const IRunGates = Symbol('IRunGates');
