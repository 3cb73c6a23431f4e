import { DomainError, invalid } from '../../kernel/errors.js';

/** What its owner may know of a stored secret: all but the value. Its name is unique among its owner's. */
export interface Secret {
  id: string;
  userId: string;
  name: string;
  /** Of the key that sealed it. */
  keyVersion: number;
  createdAt: Date;
  updatedAt: Date;
  /** To the minute: when an attempt last took it; null when none has. */
  lastUsedAt: Date | null;
}

/** What a ciphertext is bound to: in another row, under another owner or name, it cannot be opened. */
export type Binding = Pick<Secret, 'id' | 'userId' | 'name'>;

/** A value under AES-256-GCM. */
export interface Sealed {
  keyVersion: number;
  /** 96 random bits, new each time that a value is sealed. */
  nonce: Buffer;
  /** With the 128-bit tag at its end. */
  ciphertext: Buffer;
}

export type StoredSecret = Secret & Sealed;

export const minValueBytes = 4;
export const maxValueBytes = 65_536;
export const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
export const nameRule = 'a letter or digit, then at most 63 letters, digits, dots, hyphens or underscores';

/** @throws DomainError `invalid`; the message does not repeat the value */
export function checkValue(value: string): void {
  const bytes = Buffer.byteLength(value);
  if (bytes >= minValueBytes && bytes <= maxValueBytes) return;
  const detail = `value has ${bytes} bytes of UTF-8; it must have ${minValueBytes} to ${maxValueBytes}.`;
  throw invalid([{ pointer: '/value', detail }]);
}

export const secretNotFound = (): DomainError =>
  new DomainError('not_found', 'SECRET_NOT_FOUND', 'There is no such secret.');

/** The operator's to mend: asking again does not help, so it is no 503. */
export const notConfigured = (): DomainError =>
  new DomainError(
    'conflict',
    'SECRETS_NOT_CONFIGURED',
    'This system keeps no secrets: no key is configured. The operator sets SECRETS_KEYS, such as "1:" and 32 random bytes in base64.',
  );

/** Why a secret that a payload refers to could not be had. Names the secret, never its value. */
export class UnusableSecret extends Error {
  override readonly name = 'UnusableSecret';
}

/** A process has another key under a version than its installation: the operator's to mend, before anything is sealed. */
export class WrongSecretKeys extends Error {
  override readonly name = 'WrongSecretKeys';

  /** @param problems one for each version, with what to do */
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}
