import { DomainError, invalid } from '../../kernel/errors.js';

/** A stored secret as its owner sees it: without the value. The name is unique for each owner. */
export interface Secret {
  id: string;
  userId: string;
  name: string;
  /** Version of the key that sealed the value. */
  keyVersion: number;
  createdAt: Date;
  updatedAt: Date;
  /** When an attempt last used the secret, to the minute; null when none has. */
  lastUsedAt: Date | null;
}

/** What a ciphertext is bound to. Copied to another row, owner or name, it cannot be opened. */
export type Binding = Pick<Secret, 'id' | 'userId' | 'name'>;

/** A value encrypted with AES-256-GCM. */
export interface Sealed {
  keyVersion: number;
  /** 96 random bits, new for each sealing. */
  nonce: Buffer;
  /** Ends with the 128-bit authentication tag. */
  ciphertext: Buffer;
}

export type StoredSecret = Secret & Sealed;

export const minValueBytes = 4;
export const maxValueBytes = 65_536;
export const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
export const nameRule = 'a letter or digit, then at most 63 letters, digits, dots, hyphens or underscores';

/** @throws DomainError `invalid` when the value is too short or too long; the message does not repeat the value */
export function checkValue(value: string): void {
  const bytes = Buffer.byteLength(value);
  if (bytes >= minValueBytes && bytes <= maxValueBytes) return;
  const detail = `value has ${bytes} bytes of UTF-8; it must have ${minValueBytes} to ${maxValueBytes}.`;
  throw invalid([{ pointer: '/value', detail }]);
}

export const secretNotFound = (): DomainError =>
  new DomainError('not_found', 'SECRET_NOT_FOUND', 'There is no such secret.');

/** A conflict rather than a 503: only the operator can fix it, so a client must not try again. */
export const notConfigured = (): DomainError =>
  new DomainError(
    'conflict',
    'SECRETS_NOT_CONFIGURED',
    'This system cannot store secrets: no key is configured. The operator sets SECRETS_KEYS, such as "1:" and 32 random bytes in base64.',
  );

/** A secret that a payload refers to is missing or cannot be opened. The message names the secret, never its value. */
export class UnusableSecret extends Error {
  override readonly name = 'UnusableSecret';
}

/** For a key version, this process has a different key from the rest of the installation. The operator must fix it before any sealing. */
export class WrongSecretKeys extends Error {
  override readonly name = 'WrongSecretKeys';

  /** @param problems one for each version, each with the remedy */
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}
