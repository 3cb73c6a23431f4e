import type { Sealed, StoredSecret } from '../domain/secret.js';

/** A row as it was read, and the same value sealed with the current key. */
export interface Resealed {
  read: StoredSecret;
  sealed: Sealed;
}

/** The secrets of all users, for the rotation of the key. No route uses this port. */
export interface ISecretRotation {
  /** The number of secrets sealed with each key version. */
  countByVersion(): Promise<Map<number, number>>;

  /** Up to `limit` secrets sealed with any version but this one, ordered by id, with ids greater than `afterId`. */
  sealedOtherwise(version: number, afterId: string | null, limit: number): Promise<StoredSecret[]>;

  /** Writes each pair unless its row was sealed again, or deleted, after it was read. @returns how many rows were written */
  reseal(pairs: readonly Resealed[]): Promise<number>;
}
export const ISecretRotation = Symbol('ISecretRotation');
