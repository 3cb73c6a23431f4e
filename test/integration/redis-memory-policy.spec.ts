import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { startApp } from '../support/app.js';
import type { TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { OwnRedis } from '../support/own-redis.js';

let redis: OwnRedis;
let client: Redis;

beforeAll(async () => {
  redis = await OwnRedis.start();
  client = new Redis({ host: redis.host, port: redis.port });
});
afterAll(async () => {
  client.disconnect();
  await redis.remove();
});

async function healthOf({ http }: TestApp): Promise<{ policy: string | null; warning?: string; status: string }> {
  const { body } = await http.get('/health/ready');
  return body.checks.find(({ name }: { name: string }) => name === 'memory-policy');
}

it('a Redis that may throw doorbells away is a warning in health, which stays ready, and at a new connection looked at again', async () => {
  await client.config('SET', 'maxmemory-policy', 'allkeys-lru');
  const app = await startApp({ REDIS_HOST: redis.host, REDIS_PORT: String(redis.port) });
  const wrong = await eventually(
    () => healthOf(app),
    ({ policy }) => policy !== null,
  );
  expect(wrong).toMatchObject({ policy: 'allkeys-lru', status: 'up', warning: 'Set maxmemory-policy to noeviction.' });
  await app.http.get('/health/ready').expect(200);
  await client.config('SET', 'maxmemory-policy', 'noeviction');
  await client.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  const right = await eventually(
    () => healthOf(app),
    ({ policy }) => policy === 'noeviction',
  );
  expect(right).not.toHaveProperty('warning');
  await app.stop();
});
