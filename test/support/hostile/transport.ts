import { expect } from '@jest/globals';
import { exchangeBytes } from './exchange.js';
import type { HostileScene } from './row.js';
import type { World } from './world.js';

const head = (world: World, line: string, ...headers: string[]): string =>
  [`${line} HTTP/1.1`, 'host: x', `authorization: Bearer ${world.a.token}`, ...headers, '', ''].join('\r\n');

export const transportScenes: HostileScene[] = [
  {
    ...{ id: 'A04', what: 'a body that says it has 2 GiB is refused before it comes' },
    act: async (world) => {
      const long = head(world, 'POST /jobs', 'content-type: application/json', 'content-length: 2147483648');
      const answer = await exchangeBytes(world.url, [long, '{"name":"']);
      expect(answer.status).toBe(413);
      return [answer];
    },
  },
  {
    ...{ id: 'A04', what: 'a chunked body that never ends is cut at the limit' },
    act: async (world) => {
      const before = world.memoryMiB();
      const chunk = `10000\r\n${' '.repeat(65_536)}\r\n`;
      const start = head(world, 'POST /jobs', 'content-type: application/json', 'transfer-encoding: chunked');
      const answer = await exchangeBytes(world.url, [start, ...Array<string>(40).fill(chunk)]);
      expect(answer.status).toBe(413);
      expect(world.memoryMiB() - before).toBeLessThan(50);
      return [answer];
    },
  },
  {
    ...{ id: 'A04', what: 'a body that is shorter than it says waits, and creates nothing' },
    act: async (world) => {
      const short = head(world, 'POST /jobs', 'content-type: application/json', 'content-length: 10');
      const answer = await exchangeBytes(world.url, [short, '{}'], 500);
      expect(answer.status).toBe(0);
      return [];
    },
  },
  {
    ...{ id: 'A26', what: '200 connections that say nothing more: others are served' },
    act: async (world) => {
      const slow = Array.from({ length: 200 }, () =>
        exchangeBytes(world.url, ['POST /auth/login HTTP/1.1\r\nhost: x\r\ncontent-le'], 1_200),
      );
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => world.send({ method: 'GET', path: `/jobs/${world.jobId}` })),
      );
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      await Promise.all(slow);
      return answers;
    },
  },
  {
    ...{ id: 'A28', what: 'both content-length and transfer-encoding' },
    act: async (world) => {
      const both = head(world, 'POST /jobs', 'content-length: 2', 'transfer-encoding: chunked');
      const answer = await exchangeBytes(world.url, [both, '0\r\n\r\n']);
      expect(answer.status).toBe(400);
      return [answer];
    },
  },
  {
    ...{ id: '+A', what: 'two lengths, a bare LF, a folded header, a NUL in a header, HTTP/0.9, HTTP/9.9' },
    act: async (world) => {
      const answers = await Promise.all(
        [
          head(world, 'POST /jobs', 'content-length: 2', 'content-length: 3'),
          head(world, 'POST /jobs', 'content-length: -1'),
          'GET /jobs HTTP/1.1\r\nhost: x\r\nx: a\u0000b\r\n\r\n',
          'GET /jobs HTTP/1.1\r\nhost: x\r\nx : a\r\n\r\n',
          'GET /\r\n\r\n',
          'GET / HTTP/9.9\r\nhost: x\r\n\r\n',
          'GET / HTTP/1.1\r\n\r\n',
        ].map((bytes) => exchangeBytes(world.url, [bytes])),
      );
      for (const { status } of answers) expect([400, 404, 505]).toContain(status);
      return answers;
    },
  },
  {
    ...{ id: 'A30', what: 'TRACE, TRACK, CONNECT, PROPFIND and others' },
    act: async (world) => {
      const methods = ['TRACE', 'TRACK', 'PROPFIND', 'SEARCH', 'LOCK', 'PURGE', 'get', 'X'];
      const answers = await Promise.all(
        methods.flatMap((method) =>
          ['/', '/jobs', '/health/live'].map((path) => exchangeBytes(world.url, [head(world, `${method} ${path}`)])),
        ),
      );
      for (const { status } of answers) expect([400, 404, 405, 501]).toContain(status);
      const tunnel = await exchangeBytes(world.url, ['CONNECT 127.0.0.1:5432 HTTP/1.1\r\nhost: x\r\n\r\n'], 500);
      expect([0, 400, 404, 405, 501]).toContain(tunnel.status);
      return answers;
    },
  },
];
