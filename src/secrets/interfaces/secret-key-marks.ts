import type { Sealed, StoredSecret } from '../domain/secret.js';

/** One mark for each key version, shared by all processes of the installation. */
export interface ISecretKeyMarks {
  /** The marks of all versions ever used, in any order. */
  all(): Promise<Sealed[]>;

  /** Stores the mark unless its version has one. When two processes add at the same time, the first one wins. */
  add(mark: Sealed): Promise<void>;

  /** Up to `limit` secrets sealed with this version, the latest change first. */
  sealedUnder(version: number, limit: number): Promise<StoredSecret[]>;
}
export const ISecretKeyMarks = Symbol('ISecretKeyMarks');
