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
});
