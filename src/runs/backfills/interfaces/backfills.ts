import type { StoredJobStatus } from '../../../jobs/domain/job-status.js';
import type { Page, PageRequest } from '../../../kernel/page.js';
import type { PruneStep } from '../../../kernel/retention.js';
import type { Transaction } from '../../../kernel/transaction.js';
import type { Backfill, BackfillView, ListedBackfill } from '../domain/backfill.js';

/** A backfill that is under way, with the state of its job. */
export interface RunningBackfill extends BackfillView {
  jobStatus: StoredJobStatus;
}

/** Backfills as rows; what became of their runs is always counted from the runs. */
export interface IBackfillRepository {
  insert(tx: Transaction, backfill: Backfill): Promise<void>;

  find(id: string): Promise<BackfillView | null>;

  /** Newest first. */
  findByJob(jobId: string, page: PageRequest): Promise<Page<ListedBackfill>>;

  /** The backfill of the job that is running and shares times with `[from, to)`; null when there is none. */
  findOverlapping(tx: Transaction, jobId: string, from: Date, to: Date): Promise<Backfill | null>;

  /** The nominal times in `[from, to)` for which the job has a backfilled run already. */
  timesDone(tx: Transaction, jobId: string, from: Date, to: Date): Promise<Date[]>;

  /**
   * The last nominal time up to which backfilled runs of the job may have been pruned; null when all are there. Exact
   * while the job is locked.
   */
  prunedUntil(tx: Transaction, jobId: string): Promise<Date | null>;

  /**
   * Prunes the first backfill after `after` that ended more than `ageMs` ago, up to `limit` of its runs at a time; under
   * its job's lock, so that none of its times is made up again meanwhile. Runs that a backfill covers which stays, stay.
   */
  prune(tx: Transaction, ageMs: number, after: string | null, limit: number): Promise<PruneStep>;

  /**
   * Locks up to `limit` running backfills with an id above `after`, by id, and keeps their jobs from being moved or deleted; those
   * that others hold are left to them.
   */
  lockRunning(tx: Transaction, after: string | null, limit: number): Promise<RunningBackfill[]>;

  advance(tx: Transaction, id: string, nextAt: Date | null): Promise<void>;

  /** Ends a running backfill. @returns whether it was running */
  end(tx: Transaction, id: string, state: 'completed' | 'cancelled'): Promise<boolean>;

  /** Ends its runs that wait as `cancelled: backfill_cancelled`. @returns how many */
  cancelWaiting(tx: Transaction, id: string): Promise<number>;
}
export const IBackfillRepository = Symbol('IBackfillRepository');
