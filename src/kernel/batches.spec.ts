import { describe, expect, it } from '@jest/globals';
import { Batches } from './batches.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('batches', () => {
  it('hold what came in the same turn, in its order, up to their size', async () => {
    const taken: number[][] = [];
    const batches = new Batches<number>({ items: 3, underWay: 2 }, async (batch) => void taken.push(batch));
    for (let item = 1; item <= 7; item += 1) batches.add(item);
    expect(taken).toEqual([]);
    await turn();
    await turn();
    expect(taken).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
  });

  it('are so many under way at a time; what comes meanwhile is gathered', async () => {
    const taken: number[][] = [];
    const ends: (() => void)[] = [];
    const batches = new Batches<number>({ items: 10, underWay: 2 }, (batch) => {
      taken.push(batch);
      return new Promise((resolve) => ends.push(resolve));
    });
    for (let item = 1; item <= 5; item += 1) {
      batches.add(item);
      await turn();
    }
    expect(taken).toEqual([[1], [2]]);
    ends[0]!();
    await turn();
    expect(taken).toEqual([[1], [2], [3, 4, 5]]);
  });
});
