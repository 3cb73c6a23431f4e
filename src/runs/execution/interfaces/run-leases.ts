import type { Claimant, ClaimedRun } from '../../domain/claimed-run.js';
import type { SettledRun, Settlement } from '../domain/settlement.js';

export interface OwnedRun {
  runId: string;
  userId: string;
}

/** A run that was offered but not claimed, and still waits. */
export interface WaitingRun {
  runId: string;
  jobId: string;
  /** Ms until it is due on the database clock; 0 or less: it is due. */
  waitMs: number;
  /** Whether it must pass the overlap and catch-up gates: see `StartGate`. */
  gated: boolean;
}

export interface HeldRun {
  runId: string;
  leaseToken: string;
}

/** A run whose worker asked for a renewal and still has the lease. */
export interface RenewedRun {
  runId: string;
  cancelRequested: boolean;
  /** false: another transaction had locked the run. Its lease ends when it did before. */
  renewed: boolean;
}

/** A run whose worker has not renewed its lease in time. */
export interface ExpiredRun extends HeldRun {
  jobId: string;
  userId: string;
  workerId: string;
  attempt: number;
  dueAt: Date;
  handler: string;
  maxRetries: number;
  retryDelayMs: number | null;
  onLost: 'retry' | 'park' | null;
  notifyOnFailure: boolean | null;
  cancelRequested: boolean;
}

/**
 * Leases: a worker's time-limited right to a run. Every implementation keeps guarantees 3 and 4. A run has one claimant at a time.
 * It is claimed at the earliest `aheadMs` before it is due on the database clock, each time with a higher lease token. Only the
 * highest token settles it, once.
 */
export interface IRunLeases {
  /** Claims the runs of `runIds` that wait, are due (less `aheadMs`) and need no gate. The others stay unchanged. */
  claim(runIds: string[], claimant: Claimant): Promise<ClaimedRun[]>;

  /**
   * Up to `limit` runs that have been due for `overdueMs` and may start, oldest first. With them, work goes on without Redis.
   * Runs of paused jobs, runs that another run holds, and runs of the owners `without` are left out: they would use up the limit.
   */
  findDue(limit: number, overdueMs?: number, without?: string[]): Promise<OwnedRun[]>;

  /** The runs with their owners. Runs that no longer exist are left out. */
  ownersOf(runIds: string[]): Promise<OwnedRun[]>;

  /** Which of `runIds` still wait, and how long. */
  waiting(runIds: string[]): Promise<WaitingRun[]>;

  /**
   * Extends the leases that the worker still has. It waits for no lock: one locked run must not cost a worker the leases of all
   * others, and a renewal that held some rows while it waited for others could deadlock with settlements.
   * @returns the runs that the worker still has, and whether their cancellation was requested
   */
  renew(held: HeldRun[], leaseMs: number): Promise<RenewedRun[]>;

  /**
   * Sets the start of attempts that were claimed a while ago and have not begun to now. An attempt whose cancellation was
   * requested stays unchanged. @returns the runs that the worker still has, and whether their cancellation was requested
   */
  confirm(held: HeldRun[]): Promise<{ runId: string; cancelRequested: boolean }[]>;

  /**
   * Commits the ends of attempts in one transaction: execution row, run state, status of a one-time job, failure notice.
   * A settlement whose token is not the run's current one changes nothing and is missing from the answer.
   */
  settle(settlements: Settlement[]): Promise<SettledRun[]>;

  /**
   * Finds the settlements that are committed. After a lost answer, only this tells them from fenced ones.
   * @returns the same as `settle`, with the rest of the wait until the next attempt
   */
  committed(settlements: Settlement[]): Promise<SettledRun[]>;

  /** Up to `limit` runs whose lease has expired, the longest expired first. */
  findExpired(limit: number): Promise<ExpiredRun[]>;
}
export const IRunLeases = Symbol('IRunLeases');
