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
            const taken = places.take(abort);
            if (taken === true) {
              working += 1;
              started.push(name);
            } else {
              waiting.push({ name, abort });
              void Promise.resolve(taken).then((got) => (got ? started.push(name) : 0));
            }
          } else if (step === 'end' && working > 0) {
            places.give(0);
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
    expect(new Places(1).take(abort)).toBe(false);
  });

  it('let as many wait as have ended in the last 50 to 100 ms', () => {
    const places = new Places(10);
    for (let runs = 0; runs < 6; runs += 1) void places.take(never);
    expect(places.spare(1_000)).toBe(0);
    for (let ends = 0; ends < 4; ends += 1) places.give(1_010);
    expect(places.spare(1_049)).toBe(4);
    places.give(1_060);
    expect(places.spare(1_099)).toBe(5);
    expect(places.spare(1_120)).toBe(1);
    expect(places.spare(5_000)).toBe(0);
  });
});
