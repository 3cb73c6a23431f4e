import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CachedDatabaseTime } from './cached-database-time.js';

/** A process and a database whose clocks run at the same speed; the database's clock is `aheadMs` ahead. */
function aWorld({ aheadMs = 0, backMs = 1 } = {}) {
  const world = { ms: 1_000_000, setMs: 0, asleepMs: 0, aheadMs, backMs, asked: 0 };
  const time = new CachedDatabaseTime(
    async () => {
      world.asked += 1;
      const answer = new Date(world.ms + world.aheadMs);
      world.ms += world.backMs;
      return answer;
    },
    { now: () => new Date(world.ms + world.setMs), monotonicMs: () => world.ms - world.asleepMs },
  );
  return { world, time };
}

describe('the time of the database', () => {
  it('is queried at most once in 250 ms, and is never ahead of the database', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          aheadMs: fc.integer({ min: -3_600_000, max: 3_600_000 }),
          backMs: fc.integer({ min: 0, max: 20 }),
        }),
        fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 50 }),
        async (given, pauses) => {
          const { world, time } = aWorld(given);
          const beganMs = world.ms;
          for (const pauseMs of pauses) {
            world.ms += pauseMs;
            const told = (await time.now()).getTime();
            const true_ = world.ms + world.aheadMs;
            expect(told).toBeLessThanOrEqual(true_);
            expect(told).toBeGreaterThanOrEqual(true_ - given.backMs);
          }
          expect(world.asked).toBeLessThanOrEqual(1 + (world.ms - beganMs) / 250);
        },
      ),
    );
  });

  it('is queried at each call while answers take longer than maxRoundTripMs', async () => {
    const { world, time } = aWorld({ backMs: 21 });
    await time.now();
    await time.now();
    expect(world.asked).toBe(2);
  });

  it.each([
    ['was set', { setMs: -1_000 }],
    ['was asleep', { ms: 4_600_000, asleepMs: 3_600_000 }],
  ])('is queried again after the machine %s', async (_, change) => {
    const { world, time } = aWorld();
    await time.now();
    await time.now();
    expect(world.asked).toBe(1);
    Object.assign(world, change);
    expect((await time.now()).getTime()).toBe(world.ms - world.backMs);
    expect(world.asked).toBe(2);
  });

  it('passes the error of a failed query on, and queries again at the next call', async () => {
    let fails = true;
    const clock = { now: () => new Date(5), monotonicMs: () => 5 };
    const time = new CachedDatabaseTime(async () => {
      if (fails) throw new Error('away');
      return new Date(7);
    }, clock);
    await expect(time.now()).rejects.toThrow('away');
    fails = false;
    expect(await time.now()).toEqual(new Date(7));
  });
});
