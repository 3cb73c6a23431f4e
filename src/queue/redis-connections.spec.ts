import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { afterEach, expect, it, jest } from '@jest/globals';
import { eventually } from '../../test/support/eventually.js';
import { readConfig } from '../config/config.js';
import { RedisConnections } from './redis-connections.js';

afterEach(() => void jest.restoreAllMocks());

const connectionsTo = (port: number): RedisConnections =>
  new RedisConnections(readConfig({ JWT_SECRET: 'x'.repeat(43), REDIS_HOST: '127.0.0.1', REDIS_PORT: String(port) }));

it('connects anew as often as it takes when connections break before anything was answered', async () => {
  jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  let broken = 0;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => {
      if (broken < 3) {
        broken += 1;
        socket.destroy();
      } else socket.write('+PONG\r\n');
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const connections = connectionsTo((server.address() as AddressInfo).port);
  try {
    const connection = connections.open('client');
    const ask = () => connection.ping().catch(String);
    expect(await eventually(ask, (answer) => answer === 'PONG')).toBe('PONG');
    expect(broken).toBe(3);
  } finally {
    connections.closeAll();
    server.close();
  }
});

it('closes its connections without telling who waits for them to be ready: Bull would leave that unhandled', () => {
  jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  const connections = connectionsTo(1);
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

it('ends no connection that has ended: ioredis would keep the process alive for two more seconds', async () => {
  jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  const connections = connectionsTo(1);
  const connection = connections.open('client');
  const ended = once(connection, 'end');
  connection.disconnect();
  await ended;
  const disconnect = jest.spyOn(connection, 'disconnect');
  connections.closeAll();
  expect(disconnect).not.toHaveBeenCalled();
});
