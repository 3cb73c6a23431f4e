import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Abort } from '../../kernel/abort.js';
import { Places } from './places.js';

const never = new Abort();
const ignored = (): void => undefined;

describe('the places of a worker', () => {
  it('are never more than there are, and go to those who wait in their order', () => {
    const commands = fc.array(fc.constantFrom('come', 'end', 'leave'), { maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), commands, (size, steps) => {
        const places = new Places(size);
        const waiting: { name: number; abort: Abort }[] = [];
        const started: number[] = [];
        let [working, names] = [0, 0];
        for (const step of steps) {
          if (step === 'come') {
            const name = (names += 1);
            const abort = new Abort();
            const waits = places.take(abort, 0, (taken) => (taken ? started.push(name) : 0));
            if (waits) waiting.push({ name, abort });
            else working += 1;
          } else if (step === 'end' && working > 0) {
            places.give(0, 1);
            if (waiting.shift() === undefined) working -= 1;
          } else if (step === 'leave') waiting.pop()?.abort.abort('cancelled');
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
    const turns: boolean[] = [];
    expect(new Places(1).take(abort, 0, (taken) => turns.push(taken))).toBe(false);
    expect(turns).toEqual([false]);
  });

  it('let as many wait as have ended in the last 50 to 100 ms, while all are taken', () => {
    const places = new Places(4);
    for (let runs = 0; runs < 20; runs += 1) places.take(never, 1_000, ignored);
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
      places.take(never, nowMs, ignored);
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

  it('turn away who has waited too long, and only those', () => {
    const places = new Places(1);
    const comers = [0, 100, 200, 300].map((nowMs) => {
      const comer: { abort: Abort; taken?: boolean } = { abort: new Abort() };
      places.take(comer.abort, nowMs, (taken) => (comer.taken = taken));
      return comer;
    });
    expect(places.turnAway(200, 'crowded')).toBe(true);
    expect(comers.map(({ abort }) => abort.reason)).toEqual([undefined, 'crowded', 'crowded', undefined]);
    places.give(400, 1);
    expect(comers.map(({ taken }) => taken)).toEqual([true, false, false, true]);
    expect(places.turnAway(1_000, 'crowded')).toBe(false);
  });
});
