import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SystemClock } from '../../src/kernel/clock.js';
import { newId } from '../../src/kernel/ids.js';
import { RedisRateLimiter } from '../../src/limits/adapters/redis-rate-limiter.js';
import type { Allowance } from '../../src/limits/domain/allowance.js';
import { RedisConnections } from '../../src/queue/redis-connections.js';
import { eventually } from '../support/eventually.js';
import { startServices } from '../support/services.js';
import type { Services } from '../support/services.js';

const allowance: Allowance = { name: 'submissions', points: 100, windowSeconds: 60, inLots: true };
let services: Services;
/** Of processes that share a Redis. */
let limiters: { limiter: RedisRateLimiter; connections: RedisConnections }[];

beforeAll(async () => {
  services = await startServices();
  limiters = [1, 2].map(() => {
    const connections = new RedisConnections(services.config());
    return { limiter: new RedisRateLimiter(services.config(), new SystemClock(), connections), connections };
  });
  // Until its connection is ready, a process counts for itself.
  const [one, other] = limiters;
  const seen = newId();
  await eventually(
    async () => {
      await one!.limiter.take(allowance, seen);
      return other!.limiter.used(allowance, seen);
    },
    (used) => used > 0,
  );
});
afterAll(async () => {
  for (const { connections } of limiters) connections.closeAll();
  await services.drop();
});

const allowedOf = async (limiter: RedisRateLimiter, key: string, count: number): Promise<boolean> =>
  (await limiter.take(allowance, key, count)).allowed;

describe('what exceeds an allowance', () => {
  it('stands in the way of nothing smaller that is taken together with it', async () => {
    const { limiter } = limiters[0]!;
    const key = newId();
    const taken = [80, 30, 15, 10, 5].map((count) => allowedOf(limiter, key, count));
    expect(await Promise.all(taken)).toEqual([true, false, true, false, true]);
    expect(await limiter.used(allowance, key)).toBe(100);
    expect(await allowedOf(limiter, key, 1)).toBe(false);
  });

  it('stands in the way of nothing that another process takes meanwhile', async () => {
    const [{ limiter: one }, { limiter: other }] = limiters as [(typeof limiters)[0], (typeof limiters)[0]];
    const key = newId();
    let isOver = false;
    const refused: boolean[] = [];
    const greedy = async () => {
      while (!isOver) refused.push(await allowedOf(one, key, 101));
    };
    const tooMuch = greedy();
    const allowed: boolean[] = [];
    for (let count = 0; count < 100; count += 1) allowed.push(await allowedOf(other, key, 1));
    isOver = true;
    await tooMuch;
    expect(allowed).not.toContain(false);
    expect(refused).not.toContain(true);
    expect(refused.length).toBeGreaterThan(10);
    expect(await allowedOf(other, key, 1)).toBe(false);
  });

  it('leaves what is given back to who comes next', async () => {
    const { limiter } = limiters[0]!;
    const one: Allowance = { name: 'logins', points: 2, windowSeconds: 60 };
    const key = newId();
    for (const allowed of [true, true]) expect(await limiter.take(one, key)).toMatchObject({ allowed });
    limiter.giveBack(one, key);
    expect(await limiter.take(one, key)).toMatchObject({ allowed: true, remaining: 0 });
    expect(await limiter.take(one, key)).toMatchObject({ allowed: false });
    expect(await limiter.used(one, key)).toBe(2);
  });
});
