import { describe, expect, it } from '@jest/globals';
import { FixedClock } from '../../test/support/fixed-clock.js';
import { Slices } from './slices.js';

describe('Slices', () => {
  it('goes on at once while a slice lasts, lets others have their turn after it, and begins another', async () => {
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

  it('does to its end what pauses, and lets others have their turn only where a slice is over', async () => {
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
