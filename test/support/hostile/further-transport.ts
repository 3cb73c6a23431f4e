import { expect } from '@jest/globals';
import { exchangeBytes } from './exchange.js';
import type { HostileScene } from './row.js';
import type { World } from './world.js';

const head = (world: World, line: string, ...headers: string[]): string =>
  [`${line} HTTP/1.1`, 'host: x', `authorization: Bearer ${world.a.token}`, ...headers, '', ''].join('\r\n');
const json = 'content-type: application/json';
const smuggled = 'DELETE /jobs/smuggled HTTP/1.1\r\nhost: x\r\n\r\n';

export const furtherScenes: HostileScene[] = [
  {
    ...{ id: '+A', what: 'chunks that servers read differently' },
    act: async (world) => {
      const chunked = (...bodies: string[]) => [
        head(world, 'POST /jobs', json, 'transfer-encoding: chunked'),
        ...bodies,
      ];
      const answers = await Promise.all(
        [
          chunked('5;a=b\r\n{"a":\r\n-1\r\n'),
          chunked('0x5\r\n{"a":\r\n0\r\n\r\n'),
          chunked('5 \r\n{"a":\r\n0\r\n\r\n'),
          chunked('fffffffffffffffff\r\n{}'),
          chunked('2\r\n{}XX\r\n0\r\n\r\n'),
          chunked('2\n{}\n0\n\n'),
          [head(world, 'POST /jobs', json, 'transfer-encoding: chunked, identity'), `2\r\n{}\r\n0\r\n\r\n`],
          [head(world, 'POST /jobs', json, 'transfer-encoding: xchunked'), `2\r\n{}\r\n0\r\n\r\n`],
          [
            head(
              world,
              'POST /jobs',
              json,
              'transfer-encoding: identity',
              'transfer-encoding: chunked',
              'content-length: 2',
            ),
            '0\r\n\r\n',
          ],
          [head(world, 'POST /jobs', json, 'transfer-encoding:\u000bchunked'), `2\r\n{}\r\n0\r\n\r\n`],
          [head(world, 'POST /jobs', json, 'content-length: +2'), '{}'],
          [head(world, 'POST /jobs', json, 'content-length: 2,2'), '{}'],
          [head(world, 'POST /jobs', json, 'content-length: 0x2'), '{}'],
        ].map((parts) => exchangeBytes(world.url, parts)),
      );
      for (const { status } of answers) expect([400, 501]).toContain(status);
      return answers;
    },
  },
  {
    ...{
      id: '+A',
      what: 'a request hidden behind a shorter body is a request of its own, with no rights of the first',
    },
    act: async (world) => {
      const first = head(world, 'POST /jobs', json, 'content-length: 2');
      const answer = await exchangeBytes(world.url, [`${first}{}${smuggled}`]);
      expect(answer.status).toBe(400);
      return [{ ...answer, text: answer.text.slice(0, answer.text.indexOf('}HTTP') + 1) || answer.text }].filter(
        ({ text: shown }) => isJson(shown),
      );
    },
  },
  {
    ...{ id: '+A', what: 'headers that end in odd ways, are folded, or hold another header' },
    act: async (world) => {
      const answers = await Promise.all(
        ['x: a\nb: c', 'x: a\rb: c', ' x: a', 'x', ': a', 'x\u0000y: a', 'x: a\r\n folded', 'hos\u00ad: y'].map(
          (line) => exchangeBytes(world.url, [head(world, 'GET /health/live', line)]),
        ),
      );
      for (const { status } of answers) expect([200, 400]).toContain(status);
      return answers;
    },
  },
  {
    ...{ id: '+A', what: 'addresses of whole URLs, authorities, asterisks and fragments' },
    act: async (world) => {
      const targets = [
        'http://evil.example/admin/users',
        '*',
        'evil.example:80',
        '/jobs#/admin',
        '//evil.example/jobs',
        '?',
        'jobs',
      ];
      const answers = await Promise.all(
        targets.map((target) => exchangeBytes(world.url, [head(world, `GET ${target}`, 'connection: close')])),
      );
      for (const { status, headers } of answers) {
        expect([200, 301, 400, 403, 404, 405]).toContain(status);
        expect(headers['location'] ?? '').not.toContain('evil');
      }
      return answers.filter(({ status }) => status >= 400);
    },
  },
];

function isJson(shown: string): boolean {
  try {
    JSON.parse(shown);
    return true;
  } catch {
    return false;
  }
}
