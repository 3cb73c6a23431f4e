import type { JsonObject } from '../../kernel/json.js';
import { NonRetryableError, RetryLaterError } from '../../runs/domain/outcome.js';

/** Too slow, too early, too many. */
const passingStatuses: readonly number[] = [408, 425, 429];
const shownBodyLength = 200;

/** Success unless a job says otherwise: any 2xx. */
export function isExpected(status: number, expectStatus: readonly number[] | undefined): boolean {
  return expectStatus?.length ? expectStatus.includes(status) : status >= 200 && status <= 299;
}

/**
 * Whether asking again may help after an unexpected status: a server's fault (5xx), a passing state (408, 425, 429), or a
 * success that is not the expected one, such as 202 while a report is being made. A redirect or any other 4xx says that
 * the request itself is wrong.
 */
export const isWorthRetrying = (status: number): boolean =>
  status < 300 || status >= 500 || passingStatuses.includes(status);

/**
 * The error of an attempt that met an unexpected status; carries the answer as the execution's result.
 * @param retryAfterMs what the target asked for, if it did
 */
export function statusError(
  answer: { status: number; body: string },
  result: JsonObject,
  retryAfterMs: number | undefined,
): Error {
  const { status, body } = answer;
  const shown = body.length > shownBodyLength ? `${body.slice(0, shownBodyLength)}…` : body;
  const message = `The target answered with status ${status}${shown.trim() === '' ? '.' : `: ${shown}`}`;
  return Object.assign(errorOf(status, message, retryAfterMs), { result });
}

function errorOf(status: number, message: string, retryAfterMs: number | undefined): Error {
  if (!isWorthRetrying(status)) return new NonRetryableError(message);
  return retryAfterMs === undefined ? new Error(message) : new RetryLaterError(message, retryAfterMs);
}
