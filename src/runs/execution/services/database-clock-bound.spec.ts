import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DatabaseClockBound } from './database-clock-bound.js';

const answers = fc.array(
  fc.record({
    pauseMs: fc.double({ min: 0, max: 20_000, noNaN: true }),
    thereMs: fc.double({ min: 0, max: 50, noNaN: true }),
    backMs: fc.double({ min: 0, max: 50, noNaN: true }),
    aheadMs: fc.double({ min: 0, max: 1_000, noNaN: true }),
    /** How far the database's clock is set meanwhile. */
    setMs: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.integer({ min: -5_000, max: 5_000 })),
  }),
  { minLength: 1, maxLength: 30 },
);
/** Of both clocks together, as far as two well-kept machines go apart. */
const drift = fc.double({ min: -0.0005, max: 0.0005, noNaN: true });
/** Times since 1970 in ms have no finer fractions in a double. */
const roundingMs = 0.001;

describe('the time at which the database’s clock reads so much', () => {
  it('is never too early, and no later than the answer just got would have it', () => {
    fc.assert(
      fc.property(answers, drift, fc.double({ min: -1e6, max: 1e6, noNaN: true }), (given, rate, offsetMs) => {
        const clock = new DatabaseClockBound();
        let leadMs = 1_760_000_000_000 + offsetMs;
        const databaseAt = (monotonicMs: number) => monotonicMs * (1 + rate) + leadMs;
        let nowMs = 0;
        for (const { pauseMs, thereMs, backMs, aheadMs, setMs } of given) {
          nowMs += pauseMs;
          leadMs += setMs;
          const sentMs = nowMs;
          const readMs = databaseAt(sentMs + thereMs);
          nowMs += thereMs + backMs;
          clock.told(readMs, sentMs, nowMs);
          const dueMs = readMs + aheadMs;
          const atMs = clock.reaches(dueMs, nowMs);
          // Within an answer's time on the way, a clock that was set shows only to the next answer.
          const uncertainMs = given.some((one) => one.setMs > 0 || one.setMs < 0) ? thereMs + backMs : 0;
          expect(databaseAt(atMs) + uncertainMs).toBeGreaterThanOrEqual(dueMs - roundingMs);
          expect(atMs).toBeLessThanOrEqual(nowMs + aheadMs * 1.001 + roundingMs);
        }
      }),
    );
  });

  it('is as exact as the best of the answers that came lately', () => {
    const clock = new DatabaseClockBound();
    clock.told(1_001, 0, 1.5);
    clock.told(2_010, 1_000, 1_030);
    expect(clock.reaches(2_100, 1_030)).toBeCloseTo(1_101.6, 0);
  });
});
