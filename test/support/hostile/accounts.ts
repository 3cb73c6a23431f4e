import { expect } from '@jest/globals';
import type { HostileRequest } from './exchange.js';
import { each } from './row.js';
import type { HostileRow, HostileScene } from './row.js';
import { idOf } from './world.js';
import type { World } from './world.js';

const registration = (password: string): HostileRequest => ({
  ...{ as: 'nobody', path: '/auth/register' },
  json: { email: 'weak@example.com', password, name: 'Weak' },
});

const withKey = (key: string, request: HostileRequest = { method: 'GET' }): HostileRequest => ({
  ...request,
  as: 'nobody',
  headers: { 'x-api-key': key },
});

export const accountRows: HostileRow[] = [
  ...each('C22', ['password123', 'Passw0rd!', '12345678', 'qwertyuiop', 'password', 'iloveyou'], (password) => ({
    ...{ request: registration(password), status: 400, pointer: '/password' },
  })),
  ...each(
    'C24',
    [{ email: 'taken@example.com' }, { email: 'taken@example.com', currentPassword: 'wrong password' }],
    (json) => ({
      request: { method: 'PATCH', path: '/auth/profile', json },
      status: [400, 401, 403],
    }),
  ),
  ...each(
    'C24',
    [{ newPassword: 'a fine password 2' }, { currentPassword: 'x', newPassword: 'a fine password 2' }],
    (json) => ({
      ...{ request: { path: '/auth/change-password', json }, status: [400, 401, 403] },
    }),
  ),
  ...each('C24', [{}, { password: 'wrong password' }, { password: ['x'] }], (json) => ({
    ...{ request: { method: 'DELETE', path: '/auth/account', json }, status: [400, 401, 403] },
  })),
  ...each(
    'C26',
    ['', ' ', 'x', 'pk_', `pk_${'0'.repeat(32)}_${'A'.repeat(43)}`, 'x'.repeat(8_000), "pk_' or 1=1 --"],
    (key) => ({
      ...{ request: withKey(key), status: 401 },
    }),
  ),
  ...each('+C', ['x', '', 'x'.repeat(10_000), 7, null, ['x'], {}], (token) => ({
    ...{ request: { as: 'nobody', path: '/auth/refresh', json: { refresh_token: token } }, status: [400, 401] },
  })),
  ...each('D10', ['/admin/jobs', '/admin/users', '/admin/stats', '/admin/users?role=admin'], (path) => ({
    ...{ request: { method: 'GET', path }, status: 403 },
  })),
  ...each('D10', [{ role: 'admin' }, { role: 'root' }, {}], (json) => ({
    request: ({ a }) => ({ method: 'PATCH', path: `/admin/users/${a.id}/role`, json }),
    status: 403,
  })),
];

const mint = (world: World, scopes: string[]) => world.send({ path: '/auth/api-keys', json: { name: 'key', scopes } });

export const keyScenes: HostileScene[] = [
  {
    ...{ id: 'C26', what: 'a key cut, spelled otherwise, with a wrong secret, or deleted: one answer', writes: true },
    act: async (world) => {
      const minted = await mint(world, ['jobs:read']);
      const { id, key } = JSON.parse(minted.text) as { id: string; key: string };
      expect((await world.send(withKey(key))).status).toBe(200);
      const wrong = [key.slice(0, -1), key.toUpperCase(), `${key.slice(0, -4)}AAAA`, `${key}x`, `Bearer ${key}`];
      const answers = await Promise.all(wrong.map((one) => world.send(withKey(one))));
      expect((await world.send({ method: 'DELETE', path: `/auth/api-keys/${id}` })).status).toBe(204);
      answers.push(await world.send(withKey(key)));
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 401));
      expect(new Set(answers.map(({ text }) => text.replace(/"requestId":"[^"]+"/, ''))).size).toBe(1);
      return answers;
    },
  },
  {
    ...{
      id: 'C28',
      what: 'a key mints no keys, changes no password, ends no account, and stays within its scopes',
      writes: true,
    },
    act: async (world) => {
      const { key } = JSON.parse((await mint(world, ['jobs:write'])).text) as { key: string };
      world.secrets.push(key.slice(-40));
      const before = await world.counts();
      const tries: HostileRequest[] = [
        { path: '/auth/api-keys', json: { name: 'more', scopes: ['jobs:read', 'admin:read'] } },
        {
          path: '/auth/change-password',
          json: { currentPassword: world.a.password, newPassword: 'a fine password 2' },
        },
        { method: 'DELETE', path: '/auth/account', json: { password: world.a.password } },
        { method: 'PATCH', path: '/auth/profile', json: { name: 'taken' } },
        { method: 'GET', path: '/auth/api-keys' },
        { method: 'GET', path: '/auth/sessions' },
        { method: 'GET', path: '/jobs' },
        { method: 'GET', path: '/admin/jobs' },
      ];
      const answers = await Promise.all(tries.map((one) => world.send(withKey(key, one))));
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 403));
      expect(await world.counts()).toEqual(before);
      return answers;
    },
  },
  {
    ...{ id: 'C29', what: 'the list of keys shows no key', writes: true },
    act: async (world) => {
      const { key } = JSON.parse((await mint(world, ['jobs:read'])).text) as { key: string };
      const list = await world.send({ method: 'GET', path: '/auth/api-keys' });
      expect(list.status).toBe(200);
      expect(list.text).not.toContain(key.slice(-43));
      return [list];
    },
  },
  {
    ...{ id: 'C30', what: 'another’s key is not there to be deleted', writes: true },
    act: async (world) => {
      const id = idOf(await mint(world, ['jobs:read']));
      const answer = await world.send({ as: 'B', method: 'DELETE', path: `/auth/api-keys/${id}` });
      expect(answer.status).toBe(404);
      expect((await world.query('SELECT 1 FROM api_keys WHERE id = $1', [id])).length).toBe(1);
      return [answer];
    },
  },
];
