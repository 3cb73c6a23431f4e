import type { Transaction } from '../../kernel/transaction.js';
import type { Sealed, Secret, StoredSecret } from '../domain/secret.js';

/** Secrets as rows, always of one owner: somebody else's is as absent as one that does not exist. */
export interface ISecretRepository {
  /**
   * Adds a secret unless its owner has one of this name.
   * @throws conflict `SECRET_EXISTS`
   */
  insert(tx: Transaction, secret: StoredSecret): Promise<void>;

  count(tx: Transaction, userId: string): Promise<number>;

  /** By name, without what is sealed. */
  list(userId: string): Promise<Secret[]>;

  /** Those of the names that the owner has, sealed, in any order. */
  findNamed(userId: string, names: readonly string[]): Promise<StoredSecret[]>;

  /** Which of the names the owner has. */
  existing(tx: Transaction, userId: string, names: readonly string[]): Promise<string[]>;

  /** Puts another value in. @returns the secret afterwards; null when the row is gone */
  replace(tx: Transaction, id: string, sealed: Sealed): Promise<Secret | null>;

  /** @returns what was deleted; null where the owner has no such secret */
  delete(tx: Transaction, userId: string, name: string): Promise<Secret | null>;

  /** Notes that they were used in this minute; does not wait for whoever is writing to one of them. */
  touch(ids: readonly string[]): Promise<void>;
}
export const ISecretRepository = Symbol('ISecretRepository');
