import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import type { Allowance } from '../domain/allowance.js';
import { PrefetchedTakes } from './prefetched-takes.js';

const windowMs = 60_000;
const ofPoints = (points: number): Allowance => ({ name: 'submissions', points, windowSeconds: 60, inLots: true });

beforeEach(() => void jest.useFakeTimers({ now: 0, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] }));
afterEach(() => void jest.useRealTimers());

/** Counts in windows of a minute each, as many processes share them; an answer takes `answerMs`. */
function aCounter(points: number, answerMs = 0) {
  const allowance = ofPoints(points);
  const used = new Map<number, number>();
  const asked: number[] = [];
  const windowNow = () => Math.floor(Date.now() / windowMs);
  const left = () => points - (used.get(windowNow()) ?? 0);
  const count = async (of: Allowance, _key: string, wanted: number) => {
    const allowed = left() >= wanted;
    asked.push(wanted);
    if (allowed) used.set(windowNow(), (used.get(windowNow()) ?? 0) + wanted);
    const resetMs = windowMs - (Date.now() % windowMs);
    const answer = { allowance: of, allowed, remaining: left(), resetSeconds: Math.ceil(resetMs / 1_000), resetMs };
    if (answerMs > 0) await new Promise((resolve) => setTimeout(resolve, answerMs));
    return answer;
  };
  const aProcess = () =>
    new PrefetchedTakes(
      {
        take: count,
        takeAhead: count,
        giveBack: (_of, _key, returned) => used.set(windowNow(), (used.get(windowNow()) ?? 0) - returned),
      },
      { monotonicMs: () => Date.now() },
    );
  const wait = (ms: number) => jest.advanceTimersByTimeAsync(ms);
  return { allowance, used: () => used.get(windowNow()) ?? 0, asked, aProcess, wait };
}

describe('PrefetchedTakes', () => {
  it('asks for each that comes alone, and for nobody else', async () => {
    const { allowance, used, asked, aProcess, wait } = aCounter(600_000);
    const takes = aProcess();
    for (let time = 0; time < 20; time += 1) {
      expect(await takes.of(allowance, 'ada', 1)).toMatchObject({ allowed: true, remaining: 600_000 - time - 1 });
      await wait(25);
    }
    expect(asked).toEqual(Array(20).fill(1));
    expect(used()).toBe(20);
  });

  it('has one in hand for who comes fast, and gives back what nobody came for', async () => {
    const { allowance, used, asked, aProcess, wait } = aCounter(600_000);
    const takes = aProcess();
    for (let time = 0; time < 1_000; time += 1) {
      expect(await takes.of(allowance, 'ada', 1)).toMatchObject({ allowed: true });
      if (time % 2 === 0) await wait(1);
    }
    expect(asked.length).toBeLessThan(60);
    expect(used()).toBe(1_000 + takes.inHand(allowance, 'ada'));
    expect(takes.inHand(allowance, 'ada')).toBeGreaterThan(0);
    expect(takes.inHand(allowance, 'ben')).toBe(0);
    await wait(100);
    expect(used()).toBe(1_000);
  });

  it('holds no more than a thousandth, and nothing once less than a tenth is left', async () => {
    const { allowance, used, aProcess, wait } = aCounter(20_000);
    const takes = aProcess();
    const taken = async (count: number) => {
      for (let time = 0; time < count; time += 1) {
        expect((await takes.of(allowance, 'ada', 1)).allowed).toBe(true);
        expect(takes.inHand(allowance, 'ada')).toBeLessThanOrEqual(20);
        if (time % 10 === 0) await wait(1);
      }
    };
    await taken(1_000);
    expect(takes.inHand(allowance, 'ada')).toBeGreaterThan(0);
    expect((await takes.of(allowance, 'ada', 17_100)).allowed).toBe(true);
    await taken(1_800);
    expect(takes.inHand(allowance, 'ada')).toBe(0);
    expect(used()).toBe(19_900);
    expect((await takes.of(allowance, 'ada', 101)).allowed).toBe(false);
    expect((await takes.of(allowance, 'ada', 100)).allowed).toBe(true);
  });

  it('lets nothing of one window count in the next', async () => {
    const { allowance, used, aProcess, wait } = aCounter(600_000);
    const takes = aProcess();
    await wait(windowMs - 40);
    for (let time = 0; time < 39; time += 1) {
      await takes.of(allowance, 'ada', 5);
      await wait(1);
    }
    expect(takes.inHand(allowance, 'ada')).toBeGreaterThan(0);
    await wait(1);
    await takes.of(allowance, 'ada', 1);
    expect(used()).toBe(1 + takes.inHand(allowance, 'ada'));
    // And nothing of it is given back to the next.
    const other = aProcess();
    await wait(windowMs - 41);
    for (let time = 0; time < 40; time += 1) await other.of(allowance, 'ben', 5);
    await wait(200);
    expect(used()).toBe(0);
  });

  it('has nothing in hand of what is forgotten', async () => {
    const { allowance, aProcess, wait } = aCounter(600_000);
    const takes = aProcess();
    for (let time = 0; time < 20; time += 1) await takes.of(allowance, 'ada', 1);
    expect(takes.inHand(allowance, 'ada')).toBeGreaterThan(0);
    takes.forget(allowance, 'ada');
    expect(takes.inHand(allowance, 'ada')).toBe(0);
    await wait(200);
  });

  it('never lets more be taken than there is, nor refuses what there is, whoever comes to which process when', async () => {
    const act = fc.record({
      process: fc.nat(1),
      count: fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: 3_000 })),
      times: fc.integer({ min: 1, max: 300 }),
      restMs: fc.constantFrom(0, 1, 10, 120),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 25 }), fc.constantFrom(0, 3), async (acts, answerMs) => {
        const { allowance, aProcess, wait } = aCounter(10_000, answerMs);
        const processes = [aProcess(), aProcess()] as const;
        const taken = new Map<number, number>();
        for (const { process, count, times, restMs } of acts) {
          for (let time = 0; time < times; time += 1) {
            const windowOf = Math.floor(Date.now() / windowMs);
            const asked = processes[process as 0].of(allowance, 'ada', count);
            await wait(answerMs + (time % 8 === 0 ? 1 : 0));
            const { allowed } = await asked;
            const before = taken.get(windowOf) ?? 0;
            const inHand = processes.reduce((sum, one) => sum + one.inHand(allowance, 'ada'), 0);
            if (allowed) taken.set(windowOf, before + count);
            else expect(before + count + Math.max(inHand, 20)).toBeGreaterThan(10_000);
            expect(taken.get(windowOf) ?? 0).toBeLessThanOrEqual(10_000);
          }
          await wait(restMs);
        }
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});
