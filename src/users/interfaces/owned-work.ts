import type { Transaction } from '../../kernel/transaction.js';

/** The jobs of somebody who leaves. Declared here, kept by a later feature. */
export interface IOwnedWork {
  /**
   * Cancels all jobs of a user who is locked, so that none can be added meanwhile.
   * @param heirId to whom the jobs and their history go; null removes them
   */
  release(tx: Transaction, userId: string, heirId: string | null): Promise<void>;
}
export const IOwnedWork = Symbol('IOwnedWork');
