import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DatabaseClockBound } from './database-clock-bound.js';

const answers = fc.array(
  fc.record({
    pauseMs: fc.double({ min: 0, max: 20_000, noNaN: true }),
    thereMs: fc.double({ min: 0, max: 50, noNaN: true }),
    backMs: fc.double({ min: 0, max: 50, noNaN: true }),
    aheadMs: fc.double({ min: 0, max: 1_000, noNaN: true }),
    /** By how many ms the database clock is set in the meantime. */
    setMs: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.integer({ min: -5_000, max: 5_000 })),
  }),
  { minLength: 1, maxLength: 30 },
);
/** Drift of both clocks together, as on two machines with NTP. */
const drift = fc.double({ min: -0.0005, max: 0.0005, noNaN: true });
/** The resolution of a double for ms since 1970. */
const roundingMs = 0.001;

describe('the earliest time at which the database clock certainly reads a value', () => {
  it('is never too early, and no later than the latest answer alone would give', () => {
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
          clock.learn(readMs, sentMs, nowMs);
          const dueMs = readMs + aheadMs;
          const atMs = clock.reaches(dueMs, nowMs);
          // A change of the clock that is smaller than the duration of an answer shows only in the next answer.
          const uncertainMs = given.some((one) => one.setMs > 0 || one.setMs < 0) ? thereMs + backMs : 0;
          expect(databaseAt(atMs) + uncertainMs).toBeGreaterThanOrEqual(dueMs - roundingMs);
          expect(atMs).toBeLessThanOrEqual(nowMs + aheadMs * 1.001 + roundingMs);
        }
      }),
    );
  });

  it('is as exact as the best recent answer', () => {
    const clock = new DatabaseClockBound();
    clock.learn(1_001, 0, 1.5);
    clock.learn(2_010, 1_000, 1_030);
    expect(clock.reaches(2_100, 1_030)).toBeCloseTo(1_101.6, 0);
  });
});
