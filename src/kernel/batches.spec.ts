import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Batches } from './batches.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

afterEach(() => void jest.useRealTimers());

describe('batches', () => {
  it('contain the items added in one turn of the event loop, in order, up to maxItems', async () => {
    const taken: number[][] = [];
    const batches = new Batches<number>({ maxItems: 3, maxInFlight: 2 }, async (batch) => void taken.push(batch));
    for (let item = 1; item <= 7; item += 1) batches.add(item);
    expect(taken).toEqual([]);
    await turn();
    await turn();
    expect(taken).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
  });

  it('run at most maxInFlight at a time; items added meanwhile go into the next batch', async () => {
    const taken: number[][] = [];
    const ends: (() => void)[] = [];
    const batches = new Batches<number>({ maxItems: 10, maxInFlight: 2 }, (batch) => {
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

  it('with secondAfterMs: start a second batch only when the first has run for that long', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    const taken: number[][] = [];
    const ends: (() => void)[] = [];
    const batches = new Batches<number>({ maxItems: 10, maxInFlight: 2, secondAfterMs: 50 }, (batch) => {
      taken.push(batch);
      return new Promise((resolve) => ends.push(resolve));
    });
    const add = async (...items: number[]) => {
      for (const item of items) {
        batches.add(item);
        await turn();
      }
    };
    await add(1, 2, 3);
    expect(taken).toEqual([[1]]);
    ends[0]!();
    await turn();
    expect(taken).toEqual([[1], [2, 3]]);
    jest.advanceTimersByTime(49);
    await add(4, 5);
    expect(taken).toHaveLength(2);
    jest.advanceTimersByTime(1);
    expect(taken).toEqual([[1], [2, 3], [4, 5]]);
    await add(6);
    jest.advanceTimersByTime(1_000);
    expect(taken).toHaveLength(3);
    // The end of either batch permits one more.
    ends[1]!();
    await turn();
    expect(taken).toEqual([[1], [2, 3], [4, 5], [6]]);
    ends[2]!();
    ends[3]!();
    await turn();
    expect(jest.getTimerCount()).toBe(0);
    await add(7);
    expect(taken.at(-1)).toEqual([7]);
  });

  it('with pauseMs: wait between two batches, except before the first and before a full one', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    const taken: number[][] = [];
    const batches = new Batches<number>(
      { maxItems: 4, maxInFlight: 2, pauseMs: 10 },
      async (batch) => void taken.push(batch),
    );
    const add = async (...items: number[]) => {
      for (const item of items) batches.add(item);
      await turn();
    };
    await add(1);
    expect(taken).toEqual([[1]]);
    await add(2);
    jest.advanceTimersByTime(9);
    await add(3);
    expect(taken).toEqual([[1]]);
    jest.advanceTimersByTime(1);
    expect(taken).toEqual([[1], [2, 3]]);
    await add(4, 5, 6, 7, 8);
    expect(taken).toEqual([[1], [2, 3], [4, 5, 6, 7]]);
    jest.advanceTimersByTime(10);
    expect(taken.at(-1)).toEqual([8]);
    jest.advanceTimersByTime(10);
    expect(jest.getTimerCount()).toBe(0);
    await add(9);
    expect(taken.at(-1)).toEqual([9]);
  });
});
