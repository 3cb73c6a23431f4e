import type { Transaction } from '../../kernel/transaction.js';
import type { Target } from '../domain/audit-event.js';
import type { Change } from '../domain/change.js';

/**
 * The audit log as use cases see it. Who asked, from where, and what the deed is called is known of the request; outside
 * of a request that is audited, nothing is written.
 */
export interface IAuditTrail {
  /**
   * Writes what is done, in the transaction that does it: both are there, or neither.
   * @param tx null, where the change was not made in a transaction, writes it at once
   */
  record(tx: Transaction | null, change: Change): Promise<void>;

  /** Says what the request is about, should it be refused. */
  about(target: Target): void;
}
export const IAuditTrail = Symbol('IAuditTrail');
