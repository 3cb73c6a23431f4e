import type { Binding, Sealed } from '../domain/secret.js';

/** Seals values so that only the holder of the key reads them, and only from the row that they were sealed for. */
export interface ISecretCipher {
  /** Of the key that seals; null when none is configured. */
  readonly currentVersion: number | null;

  /** Never twice with one nonce. @throws conflict `SECRETS_NOT_CONFIGURED` */
  seal(value: string, binding: Binding): Sealed;

  /** @throws UnusableSecret that names the secret: its key is not at hand, or it is not what was sealed for this row */
  open(sealed: Sealed & Binding): string;
}
export const ISecretCipher = Symbol('ISecretCipher');
