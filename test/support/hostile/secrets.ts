import { expect } from '@jest/globals';
import { formsOf } from '../secrets/forms.js';
import { each } from './row.js';
import type { HostileRow, HostileScene } from './row.js';

const later = { name: 'x', type: 'one_time', scheduledAt: '2040-01-01T00:00:00Z' };
const names = [
  '',
  ' ',
  '.',
  '-x',
  '../etc/passwd',
  'a b',
  'a/b',
  'é',
  '__proto__',
  'x'.repeat(65),
  'a\n',
  "a'--",
  null,
  {},
];
const values = ['', 'abc', 'x'.repeat(65_537), null, 7, true, ['text'], { $secret: 'of-A' }];
const shapes = [null, 1, true, '', ' ', [], ['of-A'], {}, { $secret: 'of-A' }, '../of-A', 'of-A\u0001', 'x'.repeat(65)];

export const secretRows: HostileRow[] = [
  ...each('+K01', names, (name) => ({
    request: { path: '/secrets', json: { name, value: 'never-to-be-kept' } },
    ...{ status: 400, pointer: '/name' },
    also: ({ text }) => expect(text).not.toContain('never-to-be-kept'),
  })),
  ...each('+K01', values, (value) => ({
    request: { path: '/secrets', json: { name: 'hostile', value } },
    ...{ status: 400, pointer: '/value' },
  })),
  ...each(
    '+K01',
    ['userId', 'id', 'keyVersion', 'nonce', 'ciphertext', 'createdAt'],
    (field) => ({
      request: ({ b }) => ({ path: '/secrets', json: { name: 'hostile', value: 'a value', [field]: b.id } }),
      ...{ status: 400, pointer: `/${field}` },
    }),
    (field) => `POST with ${field}`,
  ),
  ...each(
    '+K01',
    ['%2e%2e', 'a%20b', '%00', 'x'.repeat(65), '__proto__', '*'],
    (name) => ({ request: { method: 'DELETE', path: `/secrets/${name}` }, status: [400, 404] }),
    (name) => `DELETE /secrets/${name}`,
  ),
  ...each(
    '+K04',
    shapes,
    (shape) => ({
      request: { json: { ...later, payload: { a: [{ $secret: shape }] } } },
      ...{ status: 400, pointer: '/payload/a/0/$secret' },
    }),
    (shape) => `a reference to ${JSON.stringify(shape).slice(0, 40)}`,
  ),
  {
    ...{ id: '+K04', what: 'a reference with more than the name', status: 400, pointer: '/payload/a/$secret' },
    request: { json: { ...later, payload: { a: { $secret: 'of-A', prefix: 'Bearer ' } } } },
  },
  {
    ...{ id: '+K04', what: 'references to 11 secrets', status: 400, pointer: '/payload' },
    request: {
      json: { ...later, payload: { a: Array.from({ length: 11 }, (_, at) => ({ $secret: `s${at}` })) } },
    },
  },
  {
    ...{ id: 'D02', what: 'B’s job that refers to A’s secret', status: 400, pointer: '/payload/token/$secret' },
    request: { as: 'B', json: { ...later, payload: { token: { $secret: 'of-A' } } } },
  },
];

export const secretScenes: HostileScene[] = [
  {
    ...{ id: 'K01', what: 'a stored secret in the dump of its table', writes: true },
    act: async (world) => {
      const value = `planted "secret" of K01 ${process.pid}`;
      world.secrets.push(...formsOf(value));
      const answer = await world.send({ path: '/secrets', json: { name: 'K01', value } });
      expect(answer.status).toBe(201);
      const rows = await world.query<{ row: string; version: number; nonce: string }>(
        `SELECT t::text AS row, key_version AS version, encode(nonce, 'hex') AS nonce FROM secrets t`,
      );
      expect(rows.length).toBe(2);
      for (const { row, version } of rows) {
        expect(version).toBe(1);
        expect(world.secrets.filter((secret) => row.includes(secret))).toEqual([]);
      }
      expect(new Set(rows.map(({ nonce }) => nonce.length))).toEqual(new Set([24]));
      expect(new Set(rows.map(({ nonce }) => nonce)).size).toBe(2);
      return [answer, await world.send({ method: 'GET', path: '/secrets' })];
    },
  },
];
