import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { readConfig } from '../../src/config/config.js';
import { RedisConnections } from '../../src/queue/redis-connections.js';
import { RedisWorkerNudges } from '../../src/runs/adapters/redis-worker-nudges.js';
import { eventually } from '../support/eventually.js';
import { OwnRedis } from '../support/own-redis.js';

let server: OwnRedis;
let operator: Redis;

beforeAll(async () => {
  jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  server = await OwnRedis.start();
  operator = new Redis(server.port, server.host);
});
afterAll(async () => {
  operator.disconnect();
  await server.remove();
});

/** The operator's own connection has shown its password before, and stays. */
const setPassword = (password: string) => operator.config('SET', 'requirepass', password);
const breakConnections = async (): Promise<void> => {
  await operator.client('KILL', 'TYPE', 'pubsub');
  await operator.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
};

describe('a Redis whose password changes under a worker', () => {
  it('is heard again once it takes the password again', async () => {
    const config = readConfig({ JWT_SECRET: 'x'.repeat(43), ...server.settings, REDIS_PASSWORD: 'right' });
    await setPassword('right');
    const connections = new RedisConnections(config);
    const nudges = new RedisWorkerNudges(connections, config);
    let heard = 0;
    const callUntilHeard = async (): Promise<number> => {
      const before = heard;
      return eventually(
        () => (nudges.nudge(), heard),
        (count) => count > before,
      );
    };
    try {
      nudges.onNudge(() => void (heard += 1));
      await callUntilHeard();
      await setPassword('other');
      await breakConnections();
      const refused = connections.open('subscriber');
      await expect(refused.subscribe('probe')).rejects.toThrow('NOAUTH');
      await setPassword('right');
      await breakConnections();
      await callUntilHeard();
    } finally {
      connections.closeAll();
      await setPassword('');
    }
  });
});
