import { Injectable } from '@nestjs/common';

/** The result of one step of pruning. */
export interface PruneStep {
  /** Number of deleted rows, without the rows of other tables that were deleted with them. */
  deleted: number;
  /** Where the next step begins; null when all rows have been examined. */
  next: string | null;
}

/**
 * A store whose old rows may be deleted. The store decides, by the database's clock, which rows are old enough and no longer
 * needed. A step examines a bounded number of rows and commits by itself. Any number of processes may take steps at the same
 * time: a step skips the rows that another process has locked.
 */
export interface Prunable {
  /** Name of its rows in the log and in the label of metrics, such as `runs`. */
  name: string;

  /**
   * @param after where an earlier step ended; null begins
   * @param limit maximum number of rows to examine
   */
  prune(after: string | null, limit: number): Promise<PruneStep>;
}

/** All stores that are pruned, in the order of registration. A feature registers its stores when its module starts. */
@Injectable()
export class Prunables {
  private readonly registered: Prunable[] = [];

  register(...prunables: Prunable[]): void {
    this.registered.push(...prunables);
  }

  all(): readonly Prunable[] {
    return this.registered;
  }
}

const dayMs = 86_400_000;

/** Days in ms. 0 days mean that nothing is deleted, and give null. */
export const ageOf = (days: number): number | null => (days === 0 ? null : days * dayMs);
