import type { Transaction } from '../../kernel/transaction.js';

/** The jobs of somebody who leaves, or whose account is disabled or enabled. Declared here, kept by a later feature. */
export interface IOwnedWork {
  /**
   * Cancels all jobs of a user who is locked, so that none can be added meanwhile.
   * @param heirId to whom the jobs and their history go; null removes them
   */
  release(tx: Transaction, userId: string, heirId: string | null): Promise<void>;

  /**
   * In the transaction that disables or enables the account: from its commit on, none of the jobs is added to or triggered where
   * it is disabled, and the rest is owed ({@link followActivity}), whoever dies meanwhile.
   */
  activityChanges(tx: Transaction, userId: string): Promise<void>;

  /**
   * After that commit. Pauses all jobs of a disabled account but those that are paused already: once this has resolved, none of
   * its runs starts; what runs may end. Has the jobs of an enabled one resumed that were paused so.
   */
  followActivity(userId: string): Promise<void>;
}
export const IOwnedWork = Symbol('IOwnedWork');
