import { describe, expect, it, jest } from '@jest/globals';
import { HeldUpStarts } from './held-up-starts.js';
import type { HeldUpStart } from './held-up-starts.js';

const start = (runId: string, looks = 0): HeldUpStart => ({ runId, userId: 'owner', jobId: 'job', looks });

/** Waits for a lock that a test releases. */
function aStand() {
  const offered: HeldUpStart[] = [];
  const waits: { start: HeldUpStart; end(locked: boolean | Error): void }[] = [];
  const heldUp = new HeldUpStarts({
    offer: (again) => void offered.push(again),
    wait: (waiting) =>
      new Promise((resolve, reject) => {
        const end = (locked: boolean | Error) => (typeof locked === 'boolean' ? resolve(locked) : reject(locked));
        waits.push({ start: waiting, end });
      }),
  });
  return { heldUp, offered, waits };
}

describe('HeldUpStarts', () => {
  it('offers a run again after pauses that double, then waits for the lock', () => {
    jest.useFakeTimers();
    const { heldUp, offered, waits } = aStand();
    for (const [looks, pauseMs] of [4, 8, 16].entries()) {
      heldUp.add([start('a', looks)]);
      jest.advanceTimersByTime(pauseMs - 1);
      expect(offered).toHaveLength(looks);
      jest.advanceTimersByTime(1);
      expect(offered.at(-1)).toEqual(start('a', looks + 1));
    }
    heldUp.add([start('a', 3)]);
    expect(waits.map((wait) => wait.start.runId)).toEqual(['a']);
    jest.useRealTimers();
  });

  it('waits for one lock at a time, and offers other runs again meanwhile', () => {
    jest.useFakeTimers();
    const { heldUp, offered, waits } = aStand();
    heldUp.add([start('a', 3), start('b', 3)]);
    expect(waits).toHaveLength(1);
    jest.advanceTimersByTime(40);
    expect(offered).toEqual([start('b', 4)]);
    jest.useRealTimers();
  });

  it.each([true, new Error('lock timeout')])('offers a run again whose lock was not free in time: %s', async (end) => {
    const { heldUp, offered, waits } = aStand();
    heldUp.add([start('a', 3)]);
    waits[0]!.end(end);
    await heldUp.idle();
    expect(offered).toEqual([start('a', 4)]);
    heldUp.add([start('a', 4)]);
    expect(waits).toHaveLength(2);
  });

  it('does not offer a run again that has passed the gate', async () => {
    const { heldUp, offered, waits } = aStand();
    heldUp.add([start('a', 3)]);
    waits[0]!.end(false);
    await heldUp.idle();
    expect(offered).toEqual([]);
  });
});
