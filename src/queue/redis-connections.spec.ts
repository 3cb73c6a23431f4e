import { Logger } from '@nestjs/common';
import { afterEach, expect, it, jest } from '@jest/globals';
import { readConfig } from '../config/config.js';
import { RedisConnections } from './redis-connections.js';

afterEach(() => void jest.restoreAllMocks());

it('closes its connections without telling who waits for them to be ready: Bull would leave that unhandled', () => {
  jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  const config = readConfig({ JWT_SECRET: 'x'.repeat(43), REDIS_HOST: '127.0.0.1', REDIS_PORT: '1' });
  const connections = new RedisConnections(config);
  const told: string[] = [];
  const opened = (['client', 'subscriber', 'bclient'] as const).map((kind) => {
    const connection = connections.open(kind);
    connection.once('end', () => told.push(kind));
    return connection;
  });
  connections.closeAll();
  for (const connection of opened) connection.emit('end');
  expect(told).toEqual([]);
});
