import type { Sealed, StoredSecret } from '../domain/secret.js';

/** What each version of the key is recognised by, for all processes of the installation. */
export interface ISecretKeyMarks {
  /** Of all versions that there ever were, in any order. */
  all(): Promise<Sealed[]>;

  /** Keeps it unless its version has one: of two processes at once, the first decides. */
  add(mark: Sealed): Promise<void>;

  /** Up to `limit` secrets that this version has sealed, the latest first. */
  sealedUnder(version: number, limit: number): Promise<StoredSecret[]>;
}
export const ISecretKeyMarks = Symbol('ISecretKeyMarks');
