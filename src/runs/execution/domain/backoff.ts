/** How long to wait between two attempts. All times in ms. */
export interface RetryPolicy {
  /** Attempts after the first. */
  maxRetries: number;
  /** Wait after the first attempt; doubles after each further one. */
  baseDelayMs: number;
  /** No wait is longer than this. */
  maxDelayMs: number;
}

/** Share of the delay that is added at most, so that runs which failed together do not come back together. */
export const jitterShare = 0.1;

/**
 * The wait between the end of attempt `attempt` and the start of the next:
 * `baseDelayMs × 2^(attempt − 1)` plus up to a tenth, at most `maxDelayMs`.
 *
 * @param attempt number of the attempt that failed, from 1
 * @param random 0 (inclusive) to 1 (exclusive): where in the jitter's range
 * @returns whole ms
 */
export function retryDelayMs(policy: RetryPolicy, attempt: number, random: number): number {
  const delay = policy.baseDelayMs * 2 ** (attempt - 1);
  return Math.min(Math.round(delay * (1 + jitterShare * random)), policy.maxDelayMs);
}
