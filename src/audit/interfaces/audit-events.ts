import type { Transaction } from '../../kernel/transaction.js';
import type { AuditEntry, AuditEvent, AuditFilter } from '../domain/audit-event.js';

/** An entry to write, and how long ago it happened, in ms. */
export interface PastEntry {
  entry: AuditEntry;
  agoMs: number;
}

/** The place of an event in the list. */
export interface AuditPosition {
  at: Date;
  id: string;
}

/** The audit log. It only grows: the store itself refuses changes, and deletions other than {@link prune}'s. */
export interface IAuditEvents {
  /**
   * Writes entries; each gets an id and the time of the store's clock, less `agoMs`.
   * @param tx they are there if and only if it commits, which may be one that is sent at once; null writes them now, all or none
   */
  append(tx: Transaction | null, entries: readonly PastEntry[]): Promise<void>;

  /**
   * The latest first.
   * @param after only what comes after this place in the list; null starts at the latest
   */
  list(filter: AuditFilter, limit: number, after: AuditPosition | null): Promise<AuditEvent[]>;

  /**
   * Deletes events that are older than `keepDays` days of 24 hours, the oldest first.
   * @param keepDays at least 30: the store refuses less
   * @param most events at most
   * @returns how many it deleted
   */
  prune(keepDays: number, most: number): Promise<number>;
}
export const IAuditEvents = Symbol('IAuditEvents');
