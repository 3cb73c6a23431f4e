import type { JsonValue } from '../../kernel/json.js';
import type { Transaction } from '../../kernel/transaction.js';

/** One submission under a key that its sender chose. */
export interface KeyedRequest {
  userId: string;
  /** Method and path. */
  route: string;
  key: string;
  /** See `fingerprintOf`. */
  fingerprint: string;
}

/** Answers to submissions, kept with what they created, so that a submission sent twice is done once. */
export interface IIdempotencyStore {
  /**
   * Takes the key in the caller's transaction. While another transaction holds it, this waits for that one to end.
   * @returns null when the key is new, otherwise what was answered before and to which fingerprint
   */
  take(tx: Transaction, request: KeyedRequest): Promise<{ fingerprint: string; answer: JsonValue } | null>;

  /** Keeps the answer to a key taken in the same transaction. */
  keep(tx: Transaction, request: KeyedRequest, answer: JsonValue): Promise<void>;

  /** Forgets up to `limit` answers older than `ageMs`, the oldest first. @returns how many */
  prune(ageMs: number, limit: number): Promise<number>;
}
export const IIdempotencyStore = Symbol('IIdempotencyStore');
