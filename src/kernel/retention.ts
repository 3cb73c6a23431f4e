import { Injectable } from '@nestjs/common';

/** What one step of pruning did. */
export interface PruneStep {
  /** Rows that are gone, those that went with them not counted. */
  deleted: number;
  /** Where the next step begins; null when all has been looked at. */
  next: string | null;
}

/**
 * A store that grows and of which old rows may be forgotten. What is too young, or still needed, is its own to know, on the
 * database's clock; a step looks at a bounded number of rows and commits on its own. Any number of processes may take
 * steps at once: what one has locked, the others leave to it.
 */
export interface Prunable {
  /** What its rows are called in logs and as the label of metrics, such as `runs`. */
  name: string;

  /**
   * @param after where an earlier step ended; null begins
   * @param limit most rows to look at
   */
  prune(after: string | null, limit: number): Promise<PruneStep>;
}

/** Everything that is pruned, in the order of registration. A feature registers what it stores when its module starts. */
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

/** @param days 0 keeps for ever @returns in ms; null keeps for ever */
export const ageOf = (days: number): number | null => (days === 0 ? null : days * dayMs);
