/** The wait between two attempts. All times in ms. */
export interface RetryPolicy {
  /** Attempts after the first. */
  maxRetries: number;
  /** Wait after the first attempt; doubles after each further one. */
  baseDelayMs: number;
  /** Maximum wait. */
  maxDelayMs: number;
}

/** Maximum share of the delay that is added to it, so that runs that failed together do not retry together. */
export const jitterShare = 0.1;

/**
 * The wait between the end of attempt `attempt` and the start of the next:
 * `baseDelayMs × 2^(attempt − 1)` plus up to `jitterShare` of that, at most `maxDelayMs`.
 *
 * @param attempt number of the attempt that failed, from 1
 * @param random 0 (inclusive) to 1 (exclusive): the share of the maximum jitter
 * @returns whole ms
 */
export function retryDelayMs(policy: RetryPolicy, attempt: number, random: number): number {
  const delay = policy.baseDelayMs * 2 ** (attempt - 1);
  return Math.min(Math.round(delay * (1 + jitterShare * random)), policy.maxDelayMs);
}
