import { describe, expect, it } from '@jest/globals';
import { FixedClock } from '../../test/support/fixed-clock.js';
import { Slices } from './slices.js';

describe('Slices', () => {
  it('answers null during a slice, lets the event loop turn after it, and begins another slice', async () => {
    const clock = new FixedClock();
    const slices = new Slices(clock);
    clock.advance(9);
    expect(slices.next()).toBeNull();
    clock.advance(1);
    let hadTurn = false;
    setImmediate(() => (hadTurn = true));
    const rest = slices.next();
    expect([rest === null, hadTurn]).toEqual([false, false]);
    await rest;
    expect([hadTurn, slices.next()]).toEqual([true, null]);
  });

  it('runs a generator to its end, and lets the event loop turn only at the end of a slice', async () => {
    const clock = new FixedClock();
    const turns: string[] = [];
    function* work(): Generator<void, string> {
      for (const piece of ['first', 'second', 'third']) {
        turns.push(piece);
        setImmediate(() => turns.push(`another after the ${piece}`));
        if (piece === 'second') clock.advance(10);
        yield;
      }
      return 'done';
    }
    expect(await new Slices(clock).through(work())).toBe('done');
    expect(turns).toEqual(['first', 'second', 'another after the first', 'another after the second', 'third']);
  });
});
