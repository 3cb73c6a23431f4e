import { DomainError } from './errors.js';

/**
 * What a request requires of a thing before it changes it (RFC 9110 §13.1.1, `If-Match`): whether the thing as it is now, read
 * under its lock, is the one that the sender has seen. Null requires nothing.
 */
export type Precondition<T> = ((now: T) => boolean) | null;

/** @throws DomainError `CHANGED_MEANWHILE` (412); nothing must have been done yet */
export function requireUnchanged<T extends { version: number }>(what: string, now: T, expected: Precondition<T>): void {
  if (expected === null || expected(now)) return;
  throw new DomainError(
    'precondition_failed',
    'CHANGED_MEANWHILE',
    `The ${what} has been changed since you read it: its version is now ${now.version}. Read it again and repeat your request; If-Match takes its ETag, or "${now.version}" where only its definition must not have changed.`,
    { version: now.version },
  );
}
