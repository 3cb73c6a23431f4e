import type { Ring } from '../../domain/ring.js';

/**
 * Tells workers when to look at runs. A doorbell carries ids, never truth: it may be late, doubled or lost without harm,
 * since the claim decides and every run that nobody came for is rung again.
 */
export interface IJobScheduler {
  /** Rings for each run when it is due. Rejects when the dispatcher cannot be reached within its time limit. */
  ring(rings: Ring[]): Promise<void>;

  /**
   * Whether the dispatcher has forgotten what was rung before (it was flushed, replaced, or is new).
   * Answers true once for each loss, to one caller.
   */
  hasForgotten(): Promise<boolean>;

  /** Rejects when the dispatcher does not answer. */
  ping(): Promise<void>;
}
export const IJobScheduler = Symbol('IJobScheduler');
