import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { maxAgeMs } from '../../src/kernel/ttl-cache.js';
import { startApp } from '../support/app.js';
import type { TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { inMs, jobThatIs, submit } from '../support/jobs.js';
import { ProductProcess } from '../support/processes.js';
import { aUser, anAdmin, password } from '../support/user.js';
import type { TestUser } from '../support/user.js';

let app: TestApp;
/** A second process of the same installation. */
let other: ProductProcess;
let elsewhere: TestApp['http'];

beforeAll(async () => {
  app = await startApp({ API_KEYS_PER_USER: '3' });
  other = await ProductProcess.start({ ...app.environment, ROLES: 'api' });
  elsewhere = supertest(other.url);
});
afterAll(async () => {
  await other.end();
  await app.stop();
});

const login = (user: TestUser, secret = password) =>
  app.http.post('/auth/login').send({ email: user.email, password: secret });
const refresh = (token: string) => app.http.post('/auth/refresh').send({ refresh_token: token });
const statusElsewhere = async (token: string): Promise<number> =>
  (await elsewhere.get('/auth/profile').set('authorization', `Bearer ${token}`)).status;
/** Waits until the other process refuses the token, which must be within the promised time. */
const refusedElsewhere = (token: string) =>
  eventually(
    () => statusElsewhere(token),
    (status) => status === 401,
    { withinMs: maxAgeMs + 1_000, everyMs: 100 },
  );

describe('a login', () => {
  it('ends everywhere within seconds after a logout, with its refresh token', async () => {
    const user = await aUser(app);
    expect(await statusElsewhere(user.token)).toBe(200);
    await user.post('/auth/logout').expect(204);
    await user.get('/auth/profile').expect(401);
    await refresh(user.refreshToken).expect(401);
    await refusedElsewhere(user.token);
  });

  it('is one of several, which are listed and ended one by one or all at once', async () => {
    const user = await aUser(app);
    const second = (await login(user).expect(200)).body as { access_token: string };
    const third = (await login(user).expect(200)).body as { refresh_token: string };
    const { body } = await user.get('/auth/sessions').expect(200);
    expect(body.data).toHaveLength(3);
    expect(body.data.filter((session: { current: boolean }) => session.current)).toHaveLength(1);
    expect(body.data[0]).toEqual({
      id: expect.any(String),
      current: false,
      address: '127.0.0.1',
      userAgent: null,
      createdAt: expect.any(String),
      lastUsedAt: expect.any(String),
      expiresAt: expect.any(String),
    });
    await user.delete(`/auth/sessions/${body.data[0].id}`).expect(204);
    await refresh(third.refresh_token).expect(401);
    await user.delete(`/auth/sessions/${body.data[0].id}`).expect(404);
    await user.post('/auth/logout', { all: true }).expect(204);
    await app.http.get('/auth/profile').set('authorization', `Bearer ${second.access_token}`).expect(401);
  });

  it('is refreshed once for twenty who ask at once, and only one successor lives', async () => {
    const user = await aUser(app);
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(user.refreshToken)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const [successor, ...more] = new Set(answers.map(({ body }) => body.refresh_token as string));
    expect(more).toEqual([]);
    const { body } = await refresh(successor ?? '').expect(200);
    expect(Object.keys(body as object).sort()).toEqual(['access_token', 'expires_in', 'refresh_token']);
    await app.http.get('/auth/profile').set('authorization', `Bearer ${body.access_token}`).expect(200);
  });

  it('ends when a refresh token comes back that was used before', async () => {
    const user = await aUser(app);
    const first = (await refresh(user.refreshToken).expect(200)).body as { refresh_token: string };
    const second = (await refresh(first.refresh_token).expect(200)).body as { refresh_token: string };
    expect((await refresh(user.refreshToken).expect(401)).body.code).toBe('REFRESH_TOKEN_REUSED');
    await refresh(second.refresh_token).expect(401);
    await user.get('/auth/profile').expect(401);
  });

  it('outlives a change of the secret while the previous one is known', async () => {
    const user = await aUser(app);
    const ask = async (settings: Record<string, string>) => {
      const process = await ProductProcess.start({ ...app.environment, ROLES: 'api', ...settings });
      const { status } = await supertest(process.url).get('/auth/profile').set('authorization', `Bearer ${user.token}`);
      await process.end();
      return status;
    };
    const JWT_SECRET = 'n'.repeat(40);
    const JWT_SECRET_PREVIOUS = app.config.auth.jwtSecret;
    expect([await ask({ JWT_SECRET, JWT_SECRET_PREVIOUS }), await ask({ JWT_SECRET })]).toEqual([200, 401]);
  });
});

describe('an account', () => {
  it('changes its name and, with the password, its e-mail', async () => {
    const [user, taken] = [await aUser(app), await aUser(app)];
    expect((await user.patch('/auth/profile', { name: 'Ada King' }).expect(200)).body.name).toBe('Ada King');
    const email = `new-${user.email}`;
    expect((await user.patch('/auth/profile', { email }).expect(403)).body).toMatchObject({
      code: 'WRONG_PASSWORD',
      missing: { currentPassword: true },
    });
    const changes = { currentPassword: password };
    await user.patch('/auth/profile', { ...changes, email: taken.email }).expect(409);
    expect((await user.patch('/auth/profile', { ...changes, email }).expect(200)).body.email).toBe(email);
    await user.patch('/auth/profile', { name: null }).expect(400);
    await user.patch('/auth/profile', { role: 'admin' }).expect(400);
  });

  it('changes its password, which ends its other logins everywhere', async () => {
    const user = await aUser(app);
    const { body } = await login(user).expect(200);
    expect(await statusElsewhere(body.access_token as string)).toBe(200);
    const change = { currentPassword: password, newPassword: 'wrong donkey charger' };
    await user.post('/auth/change-password', { ...change, currentPassword: 'no' }).expect(403);
    await user.post('/auth/change-password', { ...change, newPassword: 'Passw0rd!' }).expect(400);
    await user.post('/auth/change-password', change).expect(204);
    await user.get('/auth/profile').expect(200);
    await login(user).expect(401);
    await login(user, change.newPassword).expect(200);
    await refresh(body.refresh_token as string).expect(401);
    await refusedElsewhere(body.access_token as string);
  });

  it('is deleted: its jobs are cancelled, their history stays, and nothing names the person', async () => {
    const [user, admin] = [await aUser(app), await anAdmin(app)];
    const job = await submit(user, {
      name: 'Later',
      type: 'one_time',
      handler: 'log',
      payload: { message: 'x' },
      scheduledAt: inMs(3_600_000),
    });
    const { body: key } = await user.post('/auth/api-keys', { name: 'k', scopes: ['jobs:read'] }).expect(201);
    await user.delete('/auth/account').send({ password: 'no' }).expect(403);
    await user.delete('/auth/account').send({ password }).expect(204);
    await user.get('/auth/profile').expect(401);
    await login(user).expect(401);
    await app.http.get('/jobs').set('x-api-key', key.key).expect(401);
    const { data } = (await admin.get('/admin/jobs?limit=100').expect(200)).body;
    const left = data.find(({ id }: { id: string }) => id === job.id);
    expect(left).toMatchObject({ status: 'cancelled', name: 'Later' });
    expect(left.userId).not.toBe(user.id);
    const [owner] = await app.database.query(`SELECT email, name, is_active FROM users WHERE id = $1`, [left.userId]);
    expect(owner).toEqual({ email: `former-${left.userId}@users.invalid`, name: 'Former user', is_active: false });
    const traces = await app.database.query(`SELECT FROM users WHERE id = $1 OR email = $2`, [user.id, user.email]);
    expect(traces).toEqual([]);
    await app.http.post('/auth/register').send({ email: user.email, password, name: 'Again' }).expect(201);
  });
});

describe('administration', () => {
  it('lists users and jobs of everybody, and the figures', async () => {
    const [admin, user] = [await anAdmin(app), await aUser(app)];
    const job = await submit(user, { name: 'Seen', type: 'one_time', handler: 'log', payload: { message: 'x' } });
    await jobThatIs(user, job.id, 'completed');
    const found = await admin.get(`/admin/users?search=${encodeURIComponent(user.email)}&isActive=true`).expect(200);
    expect(found.body.data.map(({ id }: { id: string }) => id)).toEqual([user.id]);
    expect(found.text).not.toMatch(/password|\$2b\$/i);
    const jobs = await admin.get(`/admin/jobs?userId=${user.id}`).expect(200);
    expect(jobs.body.data.map(({ id }: { id: string }) => id)).toEqual([job.id]);
    expect((await admin.get('/admin/stats').expect(200)).body).toEqual({
      users: { total: expect.any(Number), active: expect.any(Number), admins: expect.any(Number) },
      jobs: {
        pending: expect.any(Number),
        completed: expect.any(Number),
        failed: 0,
        cancelled: expect.any(Number),
        paused: 0,
      },
      runs: expect.objectContaining({ scheduled: expect.any(Number), succeeded: expect.any(Number), missed: 0 }),
      oldestOverdueAt: null,
      overdueMs: null,
    });
    await user.get('/admin/users').expect(403);
  });

  it('changes roles and disables, and the tokens from before stop working everywhere', async () => {
    const [admin, user] = [await anAdmin(app), await aUser(app)];
    expect(await statusElsewhere(user.token)).toBe(200);
    expect((await admin.patch(`/admin/users/${user.id}/role`, { role: 'admin' }).expect(200)).body.role).toBe('admin');
    await refusedElsewhere(user.token);
    const { body } = await login(user).expect(200);
    expect(await statusElsewhere(body.access_token as string)).toBe(200);
    await admin.patch(`/admin/users/${user.id}`, { isActive: false }).expect(200);
    await login(user).expect(401);
    await refusedElsewhere(body.access_token as string);
    await admin.patch(`/admin/users/${user.id}`, { isActive: true }).expect(200);
    await login(user).expect(200);
  });

  it('keeps one admin, however many step down at once', async () => {
    await app.database.query(`UPDATE users SET role = 'user' WHERE role = 'admin'`);
    const admins = [await anAdmin(app), await anAdmin(app), await anAdmin(app)];
    const answers = await Promise.all([
      admins[0]!.patch(`/admin/users/${admins[0]!.id}/role`, { role: 'user' }),
      admins[1]!.patch(`/admin/users/${admins[1]!.id}`, { isActive: false }),
      admins[2]!.delete('/auth/account').send({ password }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, expect.any(Number), 409]);
    const left = await app.database.query(`SELECT FROM users WHERE role = 'admin' AND is_active`);
    expect(left).toHaveLength(1);
  });
});

describe('an API key', () => {
  it('is shown once, works in both headers within its scopes, and is deleted', async () => {
    const user = await aUser(app);
    const wanted = { name: 'Import', scopes: ['jobs:read'], expiresAt: '2036-01-01T00:00:00Z' };
    const { body: key } = await user.post('/auth/api-keys', wanted).expect(201);
    expect(key).toMatchObject({ ...wanted, expiresAt: '2036-01-01T00:00:00.000Z', lastUsedAt: null });
    expect(key.key).toMatch(/^pk_[0-9a-f]{32}_[\w-]{43}$/);
    await app.http.get('/jobs').set('x-api-key', key.key).expect(200);
    await app.http.get('/jobs').set('authorization', `Bearer ${key.key}`).expect(200);
    await app.http.get('/jobs').set('x-api-key', key.key).set('authorization', `Bearer ${user.token}`).expect(401);
    const { body } = await app.http.post('/jobs').set('x-api-key', key.key).send({}).expect(403);
    expect(body).toMatchObject({ code: 'SCOPE_REQUIRED', missing: { scope: 'jobs:write' } });
    const listed = await user.get('/auth/api-keys').expect(200);
    expect(listed.text).not.toContain(key.key.slice(-43));
    expect(listed.body.data[0]).toMatchObject({ id: key.id, hint: key.key.slice(-4), lastUsedAt: expect.any(String) });
    await user.delete(`/auth/api-keys/${key.id}`).expect(204);
    await app.http.get('/jobs').set('x-api-key', key.key).expect(401);
    const stored = await app.database.query(`SELECT k::text AS row FROM api_keys k`);
    expect(JSON.stringify(stored)).not.toContain(key.key.slice(-43));
  });

  it.each([
    ['name', ''],
    ['scopes', []],
    ['scopes', ['everything']],
    ['scopes', 'jobs:read'],
    ['expiresAt', 'tomorrow'],
    ['expiresAt', '2020-01-01T00:00:00Z'],
  ])('is refused with %s %j', async (field, value) => {
    const user = await aUser(app);
    const wanted = { name: 'Import', scopes: ['jobs:read'], [field]: value };
    const { body } = await user.post('/auth/api-keys', wanted).expect(400);
    expect(body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([`/${field}`]);
  });

  it('is one of a few: however many are asked for at once, a user has no more', async () => {
    const [user, another] = [await aUser(app), await aUser(app)];
    const create = () => user.post('/auth/api-keys', { name: 'k', scopes: ['jobs:read'] });
    const answers = await Promise.all(Array.from({ length: 8 }, create));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, ...Array<number>(5).fill(409)]);
    expect((await create().expect(409)).body).toMatchObject({ code: 'TOO_MANY_API_KEYS' });
    const { body } = await user.get('/auth/api-keys?page=2&limit=2').expect(200);
    expect(body).toMatchObject({ data: [{}], meta: { page: 2, limit: 2, total: 3, totalPages: 2 } });
    await another.post('/auth/api-keys', { name: 'k', scopes: ['jobs:read'] }).expect(201);
    await user.delete(`/auth/api-keys/${body.data[0].id}`).expect(204);
    await create().expect(201);
  });

  it('gives a user no scope of an admin', async () => {
    const user = await aUser(app);
    await user.post('/auth/api-keys', { name: 'k', scopes: ['admin:read'] }).expect(403);
  });
});

describe('registration', () => {
  it('needs an invite where it is by invite, which works once, for several who come at once', async () => {
    const byInvite = await ProductProcess.start({ ...app.environment, ROLES: 'api', REGISTRATION: 'invite' });
    const http = supertest(byInvite.url);
    const admin = await anAdmin(app);
    const { body: invite } = await admin.post('/admin/invites', {}).expect(201);
    const register = (index: number, token?: string) =>
      http.post('/auth/register').send({ email: `guest-${index}@example.com`, password, name: 'Guest', invite: token });
    expect((await register(0).expect(403)).body.code).toBe('INVITE_REQUIRED');
    const answers = await Promise.all([1, 2, 3, 4].map((index) => register(index, invite.token as string)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 403, 403, 403]);
    const guests = await app.database.query(`SELECT FROM users WHERE email LIKE 'guest-%'`);
    expect(guests).toHaveLength(1);
    await byInvite.end();
  });

  it('by an invite that was taken back is refused; admins see what is open, and never a token', async () => {
    const byInvite = await ProductProcess.start({ ...app.environment, ROLES: 'api', REGISTRATION: 'invite' });
    const admin = await anAdmin(app);
    const { body: kept } = await admin.post('/admin/invites', { email: 'kept@example.com' }).expect(201);
    const { body: revoked } = await admin.post('/admin/invites', {}).expect(201);
    const list = async () => (await admin.get('/admin/invites?limit=100').expect(200)).body.data as { id: string }[];
    expect(await list()).toMatchObject([
      { id: revoked.id, email: null, createdBy: admin.id },
      { id: kept.id, email: 'kept@example.com', createdBy: admin.id },
    ]);
    expect(JSON.stringify(await list())).not.toMatch(/iv_|digest|token/);
    await admin.delete(`/admin/invites/${revoked.id as string}`).expect(204);
    await admin.delete(`/admin/invites/${revoked.id as string}`).expect(404);
    expect((await list()).map(({ id }) => id)).toEqual([kept.id]);
    const person = { email: 'late@example.com', password, name: 'Late', invite: revoked.token as string };
    expect((await supertest(byInvite.url).post('/auth/register').send(person).expect(403)).body.code).toBe(
      'INVITE_REQUIRED',
    );
    await byInvite.end();
  });
});
