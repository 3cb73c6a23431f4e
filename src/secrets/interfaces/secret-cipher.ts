import type { Binding, Sealed } from '../domain/secret.js';

/** Seals values so that only the holder of the key reads them, and only from the row that they were sealed for. */
export interface ISecretCipher {
  /** Of the key that seals; null when none is configured. */
  readonly currentVersion: number | null;
  /** Of each key at hand. */
  readonly versions: readonly number[];

  /** Never twice with one nonce. @throws conflict `SECRETS_NOT_CONFIGURED` */
  seal(value: string, binding: Binding): Sealed;

  /** @throws UnusableSecret that names the secret: its key is not at hand, or it is not what was sealed for this row */
  open(sealed: Sealed & Binding): string;

  /** What tells the key of this version, which is at hand, from any other: no text, sealed with it. */
  mark(version: number): Sealed;

  /** Whether the key at hand of the mark's version has made it; false without one. */
  recognises(mark: Sealed): boolean;
}
export const ISecretCipher = Symbol('ISecretCipher');
