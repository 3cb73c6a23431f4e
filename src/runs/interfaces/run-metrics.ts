import type { ExecutionStatus } from '../domain/execution.js';
import type { RunTrigger } from '../domain/run.js';
import type { RunState } from '../domain/run-state.js';

/** What the engine counts. Every method returns at once and never fails. Times in ms. */
export interface IRunMetrics {
  /** An attempt's handler starts. @param latenessMs start minus `dueAt` */
  started(latenessMs: number): void;
  /** An attempt has been settled, and with it possibly its run. */
  settled(attempt: { status: ExecutionStatus; durationMs: number; state: RunState; trigger: RunTrigger }): void;
  /** A run has ended without an attempt: at the gates, or cancelled while a worker held it. */
  endedUnbegun(state: RunState, trigger: RunTrigger): void;
  /** A settlement came with an old lease token and changed nothing. */
  fenced(): void;
  /** A lease could not be renewed in time, or was found taken: its handler is aborted. */
  leaseLost(): void;
  /** Leases that a recovery found expired; another process may have found them too. */
  leasesExpired(count: number): void;
  /** Attempts of dead workers that this process has taken over. */
  recovered(count: number): void;
  /** Doorbells that led to no claim: the run was cancelled, moved, or taken already. */
  stale(count: number): void;
  /** Runs that were due and could not start at once, since somebody else had their job locked. */
  heldUp(count: number): void;
  /** One round of the ticker. @param jobs recurring jobs that it planned */
  ticked(durationMs: number, jobs: number): void;
  /** Runs that a worker was called for: by a doorbell, or at hand in this process, also at their birth. */
  rung(count: number): void;
}
export const IRunMetrics = Symbol('IRunMetrics');
