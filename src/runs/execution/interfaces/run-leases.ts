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
  /** Ms until it is due on the database's clock; 0 or less when it is due. */
  waitMs: number;
  /** It must pass the overlap and catch-up gates: see `StartGate`. */
  gated: boolean;
}

export interface HeldRun {
  runId: string;
  leaseToken: string;
}

/** A lease that its worker wanted to renew and still holds. */
export interface RenewedRun {
  runId: string;
  cancelRequested: boolean;
  /** false: somebody has the run locked at this moment. It is held as before, and for no longer. */
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
 * A worker's time-limited right to a run. Every implementation keeps guarantees 3 and 4:
 * a run is handed to one claimant at a time, not before it is due (less `aheadMs`) on the database's clock,
 * each time with a higher lease token; only the highest token settles it, once.
 */
export interface IRunLeases {
  /** Claims those of `runIds` that wait, are due and pass no gate. The others are left as they are. */
  claim(runIds: string[], claimant: Claimant): Promise<ClaimedRun[]>;

  /**
   * Up to `limit` runs that have been due for `overdueMs` and may start, oldest first: how work goes on without
   * Redis. Those of paused jobs, those held back by a run that has not ended, and those of the owners `without` are left out: they
   * would stand in the way.
   */
  findDue(limit: number, overdueMs?: number, without?: string[]): Promise<OwnedRun[]>;

  /** Whose the runs are; those that are no longer there are left out. */
  ownersOf(runIds: string[]): Promise<OwnedRun[]>;

  /** Which of `runIds` still wait, and how long. */
  waiting(runIds: string[]): Promise<WaitingRun[]>;

  /**
   * Extends the leases that are still held. Waits for nobody: one run that is locked must not cost a worker all others, and who
   * waits for the settlement of some while holding others is waited for in turn.
   * @returns what is still held, and whether its cancellation is asked for
   */
  renew(held: HeldRun[], leaseMs: number): Promise<RenewedRun[]>;

  /**
   * Starts attempts anew that were claimed a while ago and have not begun: their start is now. One whose cancellation is asked
   * for stays as it is. @returns what is still held, and whether its cancellation is asked for
   */
  confirm(held: HeldRun[]): Promise<{ runId: string; cancelRequested: boolean }[]>;

  /**
   * Commits the ends of attempts in one transaction: execution row, run state, status of a one-time job, owed notice.
   * A settlement whose token is not the run's current one changes nothing and is missing from the answer.
   */
  settle(settlements: Settlement[]): Promise<SettledRun[]>;

  /**
   * Which of the settlements are committed: when an answer was lost, nothing else tells them from those that were fenced off.
   * @returns them as `settle` does, with what is left of the wait for their next attempts
   */
  committed(settlements: Settlement[]): Promise<SettledRun[]>;

  /** Up to `limit` runs whose lease has run out, longest ago first. */
  findExpired(limit: number): Promise<ExpiredRun[]>;
}
export const IRunLeases = Symbol('IRunLeases');
