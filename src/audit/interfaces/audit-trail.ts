import type { Transaction } from '../../kernel/transaction.js';
import type { Target } from '../domain/audit-event.js';
import type { CheckScope } from '../domain/audit-scope.js';
import type { Change } from '../domain/change.js';

/** The request that is being served, for what is done for it later; null where none is audited. */
export type Witness = CheckScope | null;

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

  /** To be asked while the request is served, by who does its work together with that of others. */
  capture(): Witness;

  /** As `record`, for what is done for several requests in one transaction, which may be one that is sent at once. */
  recordAll(tx: Transaction, changes: { witness: Witness; change: Change }[]): Promise<void>;

  /** Says what the request is about, should it be refused. */
  about(target: Target): void;
}
export const IAuditTrail = Symbol('IAuditTrail');
