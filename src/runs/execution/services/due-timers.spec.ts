import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { Abort } from '../../../kernel/abort.js';
import { DueTimes } from './due-timers.js';

beforeEach(() => void jest.useFakeTimers({ now: 0 }));
afterEach(() => void jest.useRealTimers());

/** A clock that is behind the timers by up to 1 ms, as in Node.js. */
const aClock = (lagMs = 0) => ({ now: () => new Date(), monotonicMs: () => performance.now() - lagMs });

describe('attempts that were claimed ahead', () => {
  it('start in the order in which they are due, none before it is due, each once, within 2 ms', () => {
    const times = fc.array(fc.double({ min: 0, max: 50, noNaN: true }), { maxLength: 60 });
    fc.assert(
      fc.property(times, fc.double({ min: 0, max: 0.999, noNaN: true }), (dues, lagMs) => {
        const clock = aClock(lagMs);
        const beganMs = clock.monotonicMs();
        const due = new DueTimes(clock);
        const gone: { dueMs: number; atMs: number }[] = [];
        for (const after of dues) {
          const dueMs = beganMs + after;
          due.wait(dueMs, new Abort(), () => gone.push({ dueMs, atMs: clock.monotonicMs() }));
        }
        jest.advanceTimersByTime(60);
        expect(gone).toHaveLength(dues.length);
        for (const { dueMs, atMs } of gone) {
          expect(atMs).toBeGreaterThanOrEqual(dueMs);
          expect(atMs).toBeLessThan(dueMs + 3);
        }
        expect(jest.getTimerCount()).toBe(0);
      }),
    );
  });

  it('end at once when they are cancelled or lost, but not when they are to be handed back', () => {
    const due = new DueTimes(aClock());
    const gone: string[] = [];
    const aborts = ['cancelled', 'lost', 'stopping'].map((reason) => {
      const abort = new Abort();
      due.wait(performance.now() + 100, abort, () => gone.push(reason));
      return () => abort.abort(reason);
    });
    for (const abort of aborts) abort();
    expect(gone).toEqual(['cancelled', 'lost']);
    jest.advanceTimersByTime(99);
    expect(gone).toHaveLength(2);
    jest.advanceTimersByTime(2);
    expect(gone).toEqual(['cancelled', 'lost', 'stopping']);
  });

  it('that were lost before they were added end at once', () => {
    const abort = new Abort();
    abort.abort('lost');
    const gone: string[] = [];
    new DueTimes(aClock()).wait(performance.now() + 100, abort, () => gone.push('lost'));
    expect(gone).toEqual(['lost']);
  });
});
