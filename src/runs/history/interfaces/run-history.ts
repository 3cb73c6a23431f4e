import type { PruneStep } from '../../../kernel/retention.js';
import type { Transaction } from '../../../kernel/transaction.js';
import type { RunAges } from '../domain/retention.js';

/**
 * History that is old enough to be forgotten: see `mayGo` in the domain. A run goes with its executions, its log lines and
 * its notice, and in the same transaction the job's mark moves over it; so at every moment a time up to the mark may lack
 * its row, and a time after it may not. Ids grow with their creation: steps follow them, and end where all is too young.
 */
export interface IRunHistory {
  /** Deletes those among the next `limit` runs after `after` that may go. Locks no job. */
  pruneRuns(tx: Transaction, ages: RunAges, after: string | null, limit: number): Promise<PruneStep>;

  /** Deletes those among the next `limit` jobs after `after` that are old and whose runs all are, with all their history. */
  pruneJobs(tx: Transaction, ages: RunAges, after: string | null, limit: number): Promise<PruneStep>;

  /** The last nominal time up to which scheduled rows of the job may be gone; null when all are there. */
  prunedUntil(jobId: string): Promise<Date | null>;
}
export const IRunHistory = Symbol('IRunHistory');
