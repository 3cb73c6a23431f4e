import type { Transaction } from '../../kernel/transaction.js';
import type { Sealed, Secret, StoredSecret } from '../domain/secret.js';

/** Stored secrets. Every method reads those of one owner: another owner's secret counts as absent. */
export interface ISecretRepository {
  /**
   * Adds a secret unless its owner has one of this name.
   * @throws conflict `SECRET_EXISTS`
   */
  insert(tx: Transaction, secret: StoredSecret): Promise<void>;

  count(tx: Transaction, userId: string): Promise<number>;

  /** Ordered by name, without ciphertexts. */
  list(userId: string): Promise<Secret[]>;

  /** The owner's secrets among `names`, with ciphertexts, in any order. */
  findNamed(userId: string, names: readonly string[]): Promise<StoredSecret[]>;

  /** The names among `names` for which the owner has a secret. */
  existing(tx: Transaction, userId: string, names: readonly string[]): Promise<string[]>;

  /** Replaces the value. @returns the changed secret; null when the row no longer exists */
  replace(tx: Transaction, id: string, sealed: Sealed): Promise<Secret | null>;

  /** @returns the deleted secret; null when the owner has no such secret */
  delete(tx: Transaction, userId: string, name: string): Promise<Secret | null>;

  /** Records the current minute as the last use. Skips rows that another transaction has locked. */
  touch(ids: readonly string[]): Promise<void>;
}
export const ISecretRepository = Symbol('ISecretRepository');
