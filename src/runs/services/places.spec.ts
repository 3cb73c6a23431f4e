import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Abort } from '../../kernel/abort.js';
import { Places } from './places.js';

const never = new Abort();

describe('the places of a worker', () => {
  it('are never more than there are, and go to those who wait in their order', async () => {
    const commands = fc.array(fc.constantFrom('come', 'end', 'leave'), { maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5 }), commands, async (size, steps) => {
        const places = new Places(size);
        const waiting: { name: number; abort: Abort }[] = [];
        const started: number[] = [];
        let [working, names] = [0, 0];
        for (const step of steps) {
          if (step === 'come') {
            const name = (names += 1);
            const abort = new Abort();
            const taken = places.take(abort, 0);
            if (taken === true) {
              working += 1;
              started.push(name);
            } else {
              waiting.push({ name, abort });
              void Promise.resolve(taken).then((got) => (got ? started.push(name) : 0));
            }
          } else if (step === 'end' && working > 0) {
            places.give(0, 1);
            if (waiting.shift() === undefined) working -= 1;
          } else if (step === 'leave') waiting.pop()?.abort.abort('cancelled');
          await Promise.resolve();
          await Promise.resolve();
          expect(working).toBeLessThanOrEqual(size);
          expect(waiting.length === 0 || working === size).toBe(true);
        }
        expect(started).toEqual([...started].sort((a, b) => a - b));
        const gone = new Set(waiting.map(({ name }) => name));
        expect(started.some((name) => gone.has(name))).toBe(false);
      }),
    );
  });

  it('are not for what has been aborted', () => {
    const abort = new Abort();
    abort.abort('stopping');
    expect(new Places(1).take(abort, 0)).toBe(false);
  });

  it('let as many wait as have ended in the last 50 to 100 ms, while all are taken', () => {
    const places = new Places(4);
    for (let runs = 0; runs < 20; runs += 1) void places.take(never, 1_000);
    expect(places.spare(1_000)).toBe(0);
    for (let ends = 0; ends < 4; ends += 1) places.give(1_010, 0.1);
    expect(places.spare(1_049)).toBe(4);
    places.give(1_060, 0.1);
    expect(places.spare(1_099)).toBe(5);
    expect(places.spare(1_120)).toBe(1);
    expect(places.spare(5_000)).toBe(0);
  });

  it('let as many wait as would end in 20 ms, while some are free, by what handlers have taken of late', () => {
    const places = new Places(4);
    expect(places.spare(0)).toBe(0);
    const one = (nowMs: number, tookMs: number | null) => {
      void places.take(never, nowMs);
      places.give(nowMs, tookMs);
    };
    one(1_000, 4);
    one(1_000, null);
    expect(places.spare(2_000)).toBe(20);
    for (let slow = 0; slow < 200; slow += 1) one(3_000, 1_000);
    expect(places.spare(9_000)).toBe(0);
    for (let fast = 0; fast < 400; fast += 1) one(10_000, 0);
    expect(places.spare(20_000)).toBe(4_000);
  });

  it('turn away who has waited too long, and only those', async () => {
    const places = new Places(1);
    const comers = [0, 100, 200, 300].map((nowMs) => {
      const abort = new Abort();
      return { abort, taken: Promise.resolve(places.take(abort, nowMs)) };
    });
    expect(places.turnAway(200, 'crowded')).toBe(true);
    expect(comers.map(({ abort }) => abort.reason)).toEqual([undefined, 'crowded', 'crowded', undefined]);
    places.give(400, 1);
    expect(await Promise.all(comers.map(({ taken }) => taken))).toEqual([true, false, false, true]);
    expect(places.turnAway(1_000, 'crowded')).toBe(false);
  });
});
