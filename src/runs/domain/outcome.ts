import type { JsonValue } from '../../kernel/json.js';

/**
 * What came of one attempt. Data, never an exception: whatever a handler does, the executor answers one of these.
 * `begun: false` says that the handler was not called and never will be: there was no attempt.
 */
export type Outcome =
  | { kind: 'succeeded'; result: JsonValue }
  | { kind: 'failed'; error: string; retryable: boolean; retryAfterMs?: number; result?: JsonValue }
  | { kind: 'timed_out'; error: string }
  | { kind: 'cancelled'; error: string; begun?: false }
  | { kind: 'lost'; error: string }
  | { kind: 'released'; error: string };

/** Thrown by a handler whose error will not go away by trying again: the run fails at once. */
export class NonRetryableError extends Error {
  override readonly name: string = 'NonRetryableError';
}

/** Thrown by a handler that knows when trying again makes sense, such as an HTTP `Retry-After`. */
export class RetryLaterError extends Error {
  override readonly name: string = 'RetryLaterError';

  /** @param retryAfterMs shortest wait before the next attempt, in ms; the retry policy's longest delay caps it */
  constructor(
    message: string,
    readonly retryAfterMs: number,
  ) {
    super(message);
  }
}
