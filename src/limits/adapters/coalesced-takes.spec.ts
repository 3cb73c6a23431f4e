import { afterEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import type { Allowance } from '../domain/allowance.js';
import { CoalescedTakes } from './coalesced-takes.js';

const allowance: Allowance = { name: 'submissions', points: 10, windowSeconds: 60, inLots: true };

/** Counts each key up to the allowance, and answers when it is told to. */
function aCounter(restMs = 0) {
  const used = new Map<string, number>();
  const asked: number[] = [];
  const answers: (() => void)[] = [];
  const takes = new CoalescedTakes(async (of, key, count) => {
    asked.push(count);
    const before = used.get(key) ?? 0;
    const allowed = before + count <= of.points;
    if (allowed) used.set(key, before + count);
    await new Promise<void>((resolve) => answers.push(resolve));
    return { allowance: of, allowed, remaining: of.points - (used.get(key) ?? 0), resetSeconds: 60 };
  }, restMs);
  /** Lets everything that is asked be answered, until nothing more is. */
  const settle = async () => {
    for (let idle = 0; idle < 3; idle = answers.length > 0 ? 0 : idle + 1) {
      for (const answer of answers.splice(0)) answer();
      await new Promise(setImmediate);
    }
  };
  const take = (count: number, key = 'ada') => takes.of(allowance, key, count).then(({ allowed }) => allowed);
  return { used, asked, settle, take };
}

afterEach(() => void jest.useRealTimers());

describe('CoalescedTakes', () => {
  it('asks at once for the first, and once for all that come meanwhile', async () => {
    const { asked, settle, take } = aCounter();
    const taken = Promise.all([take(1), take(2), take(3)]);
    expect(asked).toEqual([1]);
    await settle();
    expect(await taken).toEqual([true, true, true]);
    expect(asked).toEqual([1, 5]);
    const later = take(1);
    expect(asked).toEqual([1, 5, 1]);
    await settle();
    await later;
  });

  it('asks for the next lot some time after it asked for the last, and at once when that is over', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    const { asked, settle, take } = aCounter(3);
    const first = take(1);
    await settle();
    expect(await first).toBe(true);
    const taken = Promise.all([take(1), take(2)]);
    jest.advanceTimersByTime(2);
    await settle();
    expect(asked).toEqual([1]);
    jest.advanceTimersByTime(1);
    await settle();
    expect(await taken).toEqual([true, true]);
    expect(asked).toEqual([1, 3]);
    jest.advanceTimersByTime(3);
    await settle();
    const later = take(1);
    expect(asked).toEqual([1, 3, 1]);
    await settle();
    expect(await later).toBe(true);
  });

  it('makes nobody wait for another key', async () => {
    const { asked, settle, take } = aCounter();
    const taken = Promise.all([take(1), take(1, 'eve')]);
    expect(asked).toEqual([1, 1]);
    await settle();
    expect(await taken).toEqual([true, true]);
  });

  it('gives each of a lot what it would have got alone', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 12 }), async (counts) => {
        const { used, settle, take } = aCounter();
        const taken = Promise.all(counts.map((count) => take(count)));
        await settle();
        let left = allowance.points;
        const alone = counts.map((count) => {
          if (count > left) return false;
          left -= count;
          return true;
        });
        expect(await taken).toEqual(alone);
        expect(used.get('ada') ?? 0).toBe(allowance.points - left);
      }),
    );
  });
});
