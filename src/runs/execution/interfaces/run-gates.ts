import type { Catchup, OverlapPolicy } from '../../../jobs/domain/policies.js';
import type { RecurringSchedule } from '../../../schedules/domain/schedule.js';
import type { Transaction } from '../../../kernel/transaction.js';
import type { ClaimedRun } from '../../domain/claimed-run.js';
import type { GateRun, StartDecision } from '../domain/start-decision.js';
import type { Claimant } from '../../domain/claimed-run.js';

/** A locked job with its live runs that must pass gates: running, retrying, or scheduled and due. */
export interface GatedJob {
  jobId: string;
  overlapPolicy: OverlapPolicy;
  catchup: Catchup;
  schedule: RecurringSchedule | null;
  /** The first time that has no row yet. */
  nextRunAt: Date | null;
  plannedCount: number;
  activeUntil: Date | null;
  /** Reading of the database clock. */
  now: Date;
  /** The oldest of the live runs: a backlog is worked off in pieces. */
  runs: GateRun[];
  /** Number of due scheduled runs that no gate has decided on yet and that are not in `runs`. */
  unseen: number;
}

/** The gates before a start, which other runs of the job may close. All of it happens under the lock of the job's row, so that two workers cannot both pass. */
export interface IRunGates {
  /**
   * Locks the jobs.
   * @param lockWaitMs maximum wait, in ms, for each job that another transaction has locked; 0: leave such jobs out
   * @throws the database's error when a lock was not free in time; the transaction is then void
   */
  lock(tx: Transaction, jobIds: string[], lockWaitMs?: number): Promise<GatedJob[]>;

  /** Writes decisions, except starts, by compare-and-set on the state that they were based on. */
  decide(tx: Transaction, decisions: StartDecision[]): Promise<void>;

  /** As `IRunLeases.claim`, for runs whose gates are open. */
  claim(tx: Transaction, runIds: string[], claimant: Claimant): Promise<ClaimedRun[]>;

  /** For each job, the oldest run that is due and waits: it may start next. */
  nextInLine(jobIds: string[]): Promise<{ runId: string; jobId: string }[]>;
}
export const IRunGates = Symbol('IRunGates');
