import type { FailureNotice } from '../domain/failure-notice.js';

/**
 * The notices owed. One is written in the transaction that fails the run, so none is lost by a crash;
 * one is taken by one process at a time, so none is sent twice unless a process dies between sending and `done`.
 */
export interface IFailureNotices {
  /** Takes up to `limit` owed notices; they are offered again after `holdMs` unless `done`. */
  take(limit: number, holdMs: number): Promise<FailureNotice[]>;
  /** The owner has been told, or never will be. */
  done(runId: string): Promise<void>;
  /** Offers the notice again after `delayMs`. */
  postpone(runId: string, delayMs: number): Promise<void>;
}
export const IFailureNotices = Symbol('IFailureNotices');
