import type { Sealed, StoredSecret } from '../domain/secret.js';

/** A row as it was read, and the same value sealed anew. */
export interface Resealed {
  read: StoredSecret;
  sealed: Sealed;
}

/** Everybody's secrets, for changing the key that they are sealed under. No user asks for these. */
export interface ISecretRotation {
  /** How many secrets each key version seals. */
  countByVersion(): Promise<Map<number, number>>;

  /** Up to `limit` that another than this version seals, by id, after `afterId`. */
  sealedOtherwise(version: number, afterId: string | null, limit: number): Promise<StoredSecret[]>;

  /** Writes each unless its row has been sealed anew, or is gone, since it was read. @returns how many were written */
  reseal(pairs: readonly Resealed[]): Promise<number>;
}
export const ISecretRotation = Symbol('ISecretRotation');
