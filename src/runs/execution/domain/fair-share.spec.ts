import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { slotsFor, shareOf } from './fair-share.js';

describe("an owner's share of a worker's handler slots", () => {
  it.each([
    [1, 0, 1],
    [2, 0, 1],
    [2, 1, 1],
    [3, 0, 2],
    [4, 0, 3],
    [8, 0, 6],
    [200, 0, 150],
    [200, 150, 37],
    [200, 199, 1],
    [200, 200, 0],
    [200, 700, 0],
  ])('of %i, with %i taken by others, is %i', (size, others, share) => {
    expect(shareOf(size, others)).toBe(share);
  });

  it('is the whole concurrency for a lone owner, and leaves a quarter of the slots to others', () => {
    for (let concurrency = 1; concurrency <= 10_000; concurrency += 1) {
      const slots = slotsFor(concurrency);
      expect(shareOf(slots, 0)).toBe(concurrency);
      expect(slots - concurrency).toBeGreaterThanOrEqual(concurrency / 3);
    }
  });

  it('leaves the last free slot to owners without one, and never refuses them a free slot', () => {
    const claims = fc.array(fc.nat({ max: 7 }), { maxLength: 300 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), claims, (size, owners) => {
        const held = new Map<number, number>();
        let taken = 0;
        for (const owner of owners) {
          const mine = held.get(owner) ?? 0;
          const may = mine < shareOf(size, taken - mine);
          if (mine === 0) expect(may).toBe(taken < size);
          if (mine > 0 && may) expect(size - taken).toBeGreaterThan(1);
          if (!may) continue;
          held.set(owner, mine + 1);
          taken += 1;
        }
        expect(taken).toBeLessThanOrEqual(size);
      }),
    );
  });

  it('is equal for n owners that each take all they get in turns, and leaves a slot while n is small', () => {
    for (const owners of [1, 2, 5, 10, 60]) {
      const held = Array<number>(owners).fill(0);
      let taken = 0;
      for (let more = true; more;) {
        more = false;
        for (const [owner, mine] of held.entries()) {
          if (mine >= shareOf(200, taken - mine)) continue;
          held[owner] = mine + 1;
          taken += 1;
          more = true;
        }
      }
      expect(Math.max(...held) - Math.min(...held)).toBeLessThanOrEqual(1);
      expect(200 - taken).toBeGreaterThanOrEqual(Math.floor(200 / (1 + 3 * owners)));
    }
  });
});
