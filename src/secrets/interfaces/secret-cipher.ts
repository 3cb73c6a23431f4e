import type { Binding, Sealed } from '../domain/secret.js';

/** Encrypts values. Only the key that sealed a value opens it, and only from the row that it was sealed for. */
export interface ISecretCipher {
  /** Version of the key that seals; null when no key is configured. */
  readonly currentVersion: number | null;
  /** Versions of all configured keys. */
  readonly versions: readonly number[];

  /** Uses a new nonce each time. @throws conflict `SECRETS_NOT_CONFIGURED` */
  seal(value: string, binding: Binding): Sealed;

  /** @throws UnusableSecret that names the secret: its key is not configured, or the ciphertext was not sealed for this row */
  open(sealed: Sealed & Binding): string;

  /** An empty text sealed with the key of `version`, which must be configured. It identifies that key. */
  mark(version: number): Sealed;

  /** Whether the configured key of the mark's version made this mark; false when no such key is configured. */
  recognises(mark: Sealed): boolean;
}
export const ISecretCipher = Symbol('ISecretCipher');
