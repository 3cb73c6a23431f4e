import { createHmac } from 'node:crypto';
import { expect } from '@jest/globals';
import { exchange, exchangeBytes } from './exchange.js';
import type { Answer, HostileRequest } from './exchange.js';
import { each } from './row.js';
import type { HostileRow, HostileScene } from './row.js';
import type { World } from './world.js';

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const header = { alg: 'HS256', typ: 'JWT' };
const secretOf = (world: World): string => world.services.environment['JWT_SECRET'] ?? '';
const seconds = (): number => Math.floor(Date.now() / 1_000);

function sign(head: object, claims: object, secret: string, hash = 'sha256'): string {
  const text = `${encode(head)}.${encode(claims)}`;
  return `${text}.${createHmac(hash, secret).update(text).digest('base64url')}`;
}

/** The claims of A's own token, with changes; undefined takes one away. */
function claimsOf(world: World, changes: object = {}): object {
  const [, claims = ''] = world.a.token.split('.');
  return { ...(JSON.parse(Buffer.from(claims, 'base64url').toString()) as object), ...changes };
}

const withToken = (token: string): HostileRequest => ({
  ...{ as: 'nobody', method: 'GET', path: '/auth/profile' },
  headers: { authorization: `Bearer ${token}` },
});

const tokenRow = (id: string, what: string, token: (world: World) => string): HostileRow => ({
  ...{ id, what, status: 401, request: (world) => withToken(token(world)) },
});

const claimRow = (id: string, what: string, changes: object | (() => object), head: object = header): HostileRow =>
  tokenRow(id, what, (world) =>
    sign(head, claimsOf(world, typeof changes === 'function' ? changes() : changes), secretOf(world)),
  );

export const tokenRows: HostileRow[] = [
  ...['none', 'None', 'nOnE', 'NONE'].map((alg) =>
    tokenRow('C02', `alg ${alg}`, (world) => `${encode({ alg, typ: 'JWT' })}.${encode(claimsOf(world))}.`),
  ),
  tokenRow('C02', 'empty signature', ({ a }) => `${a.token.slice(0, a.token.lastIndexOf('.'))}.`),
  tokenRow('C02', 'no signature', ({ a }) => a.token.slice(0, a.token.lastIndexOf('.'))),
  ...['HS384', 'HS512'].map((alg) =>
    tokenRow('C04', `${alg} with the right secret`, (world) =>
      sign({ ...header, alg }, claimsOf(world), secretOf(world), alg.replace('HS', 'sha')),
    ),
  ),
  tokenRow('C05', 'payload edited, signature kept', (world) => {
    const [head, , signature] = world.a.token.split('.');
    return `${head}.${encode(claimsOf(world, { sub: world.b.id }))}.${signature}`;
  }),
  tokenRow('C05', 'signature of another token', ({ a, b }) => {
    return `${a.token.slice(0, a.token.lastIndexOf('.'))}.${b.token.split('.')[2]}`;
  }),
  tokenRow('C05', 'signed with a guess', (world) => sign(header, claimsOf(world), 'secret')),
  claimRow('C06', 'expired', () => ({ exp: seconds() - 1 })),
  claimRow('C06', 'nbf in the future', () => ({ nbf: seconds() + 600 })),
  claimRow('C06', 'no exp', { exp: undefined }),
  claimRow('C06', 'exp as a string', () => ({ exp: String(seconds() + 600) })),
  claimRow('C06', 'issued long ago, until the year 9999', { iat: 1_000_000_000, exp: 253_402_300_799 }),
  claimRow('+C', 'another issuer', { iss: 'evil' }),
  claimRow('+C', 'another audience', { aud: 'evil' }),
  claimRow('+C', 'no subject', { sub: undefined }),
  claimRow('+C', 'a subject that is SQL', { sub: "' or 1=1 --" }),
  claimRow('+C', 'a subject that is a list', { sub: ['x'] }),
  claimRow('+C', 'an unknown subject', { sub: '0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a11' }),
  ...['../../dev/null', "' or 1=1", '/proc/self/environ'].map((kid) =>
    tokenRow('C08', `kid ${kid}`, (world) => sign({ ...header, kid }, claimsOf(world), '')),
  ),
  ...['jku', 'x5u'].map((name) =>
    tokenRow('C08', `${name} with an own key`, (world) =>
      sign({ ...header, [name]: `http://127.0.0.1:${world.sinkPort}/keys` }, claimsOf(world), 'own'),
    ),
  ),
  tokenRow('C08', 'jwk with an own key', (world) =>
    sign({ ...header, jwk: { kty: 'oct', k: encode({}) } }, claimsOf(world), 'own'),
  ),
  { ...tokenRow('C13', 'a token of 8 kB', () => 'x'.repeat(8_000)), status: 401 },
  { ...tokenRow('C13', 'a token of 1 MB', () => 'x'.repeat(1_000_000)), status: 431 },
  ...each(
    'C13',
    ['Bearer', 'bearer', 'Bearer ', 'Basic YTpi', 'Bearer a b', 'Token x', 'Bearer ..', 'Bearer null'],
    (authorization) => ({
      ...{ request: { as: 'nobody', method: 'GET', path: '/auth/profile', headers: { authorization } }, status: 401 },
    }),
  ),
  ...each('C13', ['access_token', 'token', 'auth', 'jwt'], (name) => ({
    request: ({ a }) => ({ as: 'nobody', method: 'GET', path: `/auth/profile?${name}=${a.token}` }),
    status: 401,
  })),
  {
    ...{ id: 'C13', what: 'the token as a cookie', status: 401 },
    request: ({ a }) => ({
      ...{ as: 'nobody', method: 'GET', path: '/auth/profile', headers: { cookie: `access_token=${a.token}` } },
    }),
  },
  {
    ...{ id: 'K06', what: 'other headers that hold secrets are not logged', status: 200 },
    request: ({ secrets }) => {
      secrets.push('planted-cookie-4711', 'planted-key-4711', 'planted-signature-4711', 'planted-query-4711');
      return {
        ...{ method: 'GET', path: '/auth/profile?' },
        headers: {
          cookie: 'session=planted-cookie-4711',
          'x-planted': 'planted-key-4711',
          'webhook-signature': 'v1,planted-signature-4711',
        },
      };
    },
  },
  {
    ...{ id: 'K06', what: 'a query that holds a secret is not logged', status: [400, 404] },
    request: { method: 'GET', path: '/nothing?token=planted-query-4711' },
  },
];

const registration = (given: object): HostileRequest => ({
  ...{ as: 'nobody', path: '/auth/register' },
  json: { email: 'new@example.com', password: 'a fine password 1', name: 'New', ...given },
});

export const credentialRows: HostileRow[] = [
  ...each(
    'C20',
    ['a@x.com\u0000', 'a@x.com\r\nBcc: b@y', 'a@x.com\u0007', 'a b@x.com', 'a\u2028@x.com', 'a@', '@x', 'x'],
    (email) => ({
      ...{ request: registration({ email }), status: 400 },
    }),
  ),
  ...each('C20', [7, null, ['a@x.com'], { a: 1 }, `${'x'.repeat(400)}@x.com`], (email) => ({
    ...{ request: registration({ email }), status: 400, pointer: '/email' },
  })),
  ...each('C20', [' A@EXAMPLE.com ', 'a@EXAMPLE.COM', 'A@example.com'], (email) => ({
    ...{ request: registration({ email }), status: 409, code: 'EMAIL_TAKEN' },
  })),
  ...each('C20', ['a+tag@example.com', 'а@example.com'], (email) => ({
    ...{ request: registration({ email }), status: [201, 400] },
  })),
  ...each(
    'C21',
    ['7 chars', 'x'.repeat(73), '😀'.repeat(19), 'ü'.repeat(37), 'null\u0000null', 8, null, ['x'.repeat(9)]],
    (password) => ({ request: registration({ password }), status: 400, pointer: '/password' }),
  ),
  {
    ...{ id: 'C21', what: 'a password of 900 kB is refused before it is hashed', status: 400 },
    request: registration({ password: 'x'.repeat(900_000) }),
    also: ({ ms }) => {
      expect(ms).toBeLessThan(500);
    },
  },
  {
    ...{ id: 'C21', what: 'a password of 900 kB at login is refused before it is hashed', status: 400 },
    request: { as: 'nobody', path: '/auth/login', json: { email: 'a@example.com', password: 'x'.repeat(900_000) } },
    also: ({ ms }) => {
      expect(ms).toBeLessThan(500);
    },
  },
  ...each('+C', [{ role: 'admin' }, { isActive: true }, { id: '1' }, { passwordHash: 'x' }], (given) => ({
    ...{ request: registration(given), status: 400, pointer: `/${Object.keys(given)[0]}` },
  })),
  ...each('+C', ['<script>alert(1)</script>', '\u202eevil', '{{7*7}}'], (name) => ({
    request: registration({ name, email: `n${name.length}@example.com` }),
    ...{ status: [201, 400] },
  })),
  ...each('C25', ['admin', 'admin@example.com', 'root@localhost'], (email) => ({
    ...{ request: { as: 'nobody', path: '/auth/login', json: { email, password: 'admin' } }, status: 401 },
  })),
];

const login = (world: World, email: string, password: string): Promise<Answer> =>
  exchange(world.url, { path: '/auth/login', json: { email, password } });

export const authenticationScenes: HostileScene[] = [
  {
    ...{ id: 'C01', what: 'every route without credentials' },
    act: async (world) => {
      const id = world.jobId;
      const answers: Answer[] = [];
      for (const { method, path, isPublic } of world.operations) {
        if (isPublic) continue;
        const answer = await world.send({ as: 'nobody', method, path: path.replaceAll(/\{\w+\}/g, id) });
        expect({ method, path, status: answer.status }).toEqual({ method, path, status: 401 });
        answers.push(answer);
      }
      expect(answers.length).toBeGreaterThan(10);
      return answers;
    },
  },
  {
    ...{ id: 'C13', what: 'two Authorization headers' },
    act: async (world) => {
      const lines = [`authorization: Bearer x`, `authorization: Bearer ${world.a.token}`].join('\r\n');
      const answer = await exchangeBytes(world.url, [`GET /auth/profile HTTP/1.1\r\nhost: x\r\n${lines}\r\n\r\n`]);
      expect([400, 401]).toContain(answer.status);
      return [answer];
    },
  },
  {
    ...{ id: 'C16', what: 'unknown e-mail and wrong password: one answer; how late, hostile-logins.spec.ts measures' },
    act: async (world) => {
      const answers = [
        await login(world, world.a.email, 'wrong password'),
        await login(world, 'nobody@example.com', 'wrong password'),
      ];
      const [first, second] = answers.map(({ text }) => text.replace(/"requestId":"[^"]+"/, ''));
      expect(answers.map(({ status }) => status)).toEqual([401, 401]);
      expect(first).toBe(second);
      return answers;
    },
  },
  {
    ...{ id: 'C18', what: '200 logins at once: answered or turned away, and the rest is served', withinMs: 20_000 },
    act: async (world) => {
      const logins = Array.from({ length: 200 }, (_, at) => login(world, `nobody${at}@example.com`, 'wrong password'));
      // On a connection of its own: the others' wait in this process.
      const health = await exchangeBytes(world.url, ['GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n'], 5_000);
      expect(health.status).toBe(200);
      expect(health.ms).toBeLessThan(2_000);
      const answers = await Promise.all(logins);
      for (const { status } of answers) expect([401, 429, 503]).toContain(status);
      return answers;
    },
  },
];
