import { DomainError } from './errors.js';

/**
 * The condition of a request that changes a thing (RFC 9110 §13.1.1, `If-Match`). It gets the current thing, read under its lock,
 * and answers whether the sender has seen this version. Null is no condition.
 */
export type Precondition<T> = ((now: T) => boolean) | null;

/** @throws DomainError `CHANGED_MEANWHILE` (412); the caller must not have changed anything yet */
export function requireUnchanged<T extends { version: number }>(what: string, now: T, expected: Precondition<T>): void {
  if (expected === null || expected(now)) return;
  throw new DomainError(
    'precondition_failed',
    'CHANGED_MEANWHILE',
    `The ${what} has been changed since you read it: its version is now ${now.version}. Read it again and repeat your request; If-Match takes its ETag, or "${now.version}" where only its definition must not have changed.`,
    { version: now.version },
  );
}
