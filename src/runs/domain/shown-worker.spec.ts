import { describe, expect, it } from '@jest/globals';
import { shownWorker } from './shown-worker.js';

describe('shownWorker', () => {
  it.each([
    ['inner-7.example.internal:4711:a1b2c3d4e5f6', 'a1b2c3d4e5f6'],
    ['fd12::7:4711:a1b2c3', 'a1b2c3'],
    ['w1', 'w1'],
  ])('of %s is %s', (workerId, shown) => {
    expect(shownWorker(workerId)).toBe(shown);
  });
});
