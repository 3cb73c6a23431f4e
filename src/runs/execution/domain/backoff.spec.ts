import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { jitterShare, retryDelayMs } from './backoff.js';

const policies = fc.record({
  maxRetries: fc.integer({ min: 0, max: 100 }),
  baseDelayMs: fc.integer({ min: 1, max: 100_000 }),
  maxDelayMs: fc.integer({ min: 100_000, max: 86_400_000 }),
});
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('retryDelayMs', () => {
  it('doubles from the base delay', () => {
    const policy = { maxRetries: 5, baseDelayMs: 1_000, maxDelayMs: 60_000 };
    expect([1, 2, 3, 4, 5].map((attempt) => retryDelayMs(policy, attempt, 0))).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000,
    ]);
  });

  it('lies between the exponential delay and a tenth more, and never above maxDelayMs', () => {
    fc.assert(
      fc.property(policies, fc.integer({ min: 1, max: 200 }), random, (policy, attempt, chance) => {
        const exact = Math.min(policy.baseDelayMs * 2 ** (attempt - 1), policy.maxDelayMs);
        const delay = retryDelayMs(policy, attempt, chance);
        expect(delay).toBeGreaterThanOrEqual(Math.floor(exact));
        expect(delay).toBeLessThanOrEqual(Math.min(Math.ceil(exact * (1 + jitterShare)), policy.maxDelayMs));
      }),
    );
  });

  it.each([0, 0.5, 0.999])('is never longer than maxDelayMs, for any jitter (%d)', (chance) => {
    const policy = { maxRetries: 6, baseDelayMs: 3_600_000, maxDelayMs: 3_600_000 };
    expect([1, 2, 3].map((attempt) => retryDelayMs(policy, attempt, chance))).toEqual([
      3_600_000, 3_600_000, 3_600_000,
    ]);
  });

  it('never shrinks with the attempt', () => {
    fc.assert(
      fc.property(policies, fc.integer({ min: 1, max: 200 }), random, (policy, attempt, chance) => {
        expect(retryDelayMs(policy, attempt + 1, chance)).toBeGreaterThanOrEqual(retryDelayMs(policy, attempt, chance));
      }),
    );
  });
});
