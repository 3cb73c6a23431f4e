import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/kernel/ids.js';
import { startApp } from '../support/app.js';
import type { TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { inMs, runsOf, submit } from '../support/jobs.js';
import { aUser, anAdmin, password } from '../support/user.js';
import type { TestUser } from '../support/user.js';

/** A row of the log as it is stored. */
interface Row {
  action: string;
  outcome: string;
  reason: string | null;
  user_id: string | null;
  credential: string;
  credential_id: string | null;
  target_kind: string | null;
  target_id: string | null;
  before_digest: string | null;
  after_digest: string | null;
  address: string;
  request_id: string;
  count: number;
}
type Answer = Awaited<ReturnType<TestUser['post']>>;

let app: TestApp;
let user: TestUser;
let admin: TestUser;
beforeAll(async () => {
  app = await startApp({ TRUSTED_PROXIES: '127.0.0.1/32' });
  [user, admin] = [await aUser(app), await anAdmin(app)];
});
afterAll(() => app.stop());

const rowsOf = ({ headers }: Answer): Promise<Row[]> =>
  app.database.query<Row[]>('SELECT * FROM audit_events WHERE request_id = $1', [headers['x-request-id']]);

/** The one row of a refused request, which is written behind the answer. */
async function refusalOf(answer: Answer): Promise<Row | undefined> {
  const rows = await eventually(
    () => rowsOf(answer),
    ({ length }) => length > 0,
  );
  expect(rows).toHaveLength(1);
  return rows[0];
}

const digest = expect.stringMatching(/^[0-9a-f]{64}$/);
const later = { name: 'x', type: 'one_time', handler: 'log', payload: { message: 'x' }, scheduledAt: inMs(600_000) };
const aJob = async (): Promise<string> => (await submit(user, later)).id;
const hourly = { name: 'x', type: 'recurring', cron: '0 * * * *', handler: 'log', payload: { message: 'x' } };
const range = { from: '2026-01-01T00:00:00Z', to: '2026-01-01T03:00:00Z' };
const aBackfill = async () => user.post(`/jobs/${(await submit(user, hourly)).id}/backfill`, range);
const days = { name: 'c', days: ['2030-12-24'] };
const aCalendar = async () => (await user.post('/calendars', { ...days, name: newId() }).expect(201)).body.id as string;
const aName = () => `s-${newId()}`;
const aSecret = async () => {
  const name = aName();
  await user.post('/secrets', { name, value: 'a fine value' }).expect(201);
  return name;
};
const aKey = (name = 'k') => user.post('/auth/api-keys', { name, scopes: ['jobs:read', 'jobs:write'] });

/** How each action comes about, its target, and whether there was something before and is something after. */
const writes: Record<string, [act: () => Promise<Answer>, target: string, before: boolean, after: boolean]> = {
  'user.registered': [
    async () => app.http.post('/auth/register').send({ email: `${newId()}@example.com`, password, name: 'New' }),
    ...(['user', false, true] as const),
  ],
  'session.opened': [
    async () => app.http.post('/auth/login').send({ email: user.email, password }),
    ...(['session', false, false] as const),
  ],
  'session.refreshed': [
    async () => app.http.post('/auth/refresh').send({ refresh_token: (await aUser(app)).refreshToken }),
    ...(['session', false, false] as const),
  ],
  'session.logged_out': [async () => (await aUser(app)).post('/auth/logout', {}), 'session', false, false],
  'session.ended': [
    async () => {
      const person = await aUser(app);
      const { body } = await person.get('/auth/sessions').expect(200);
      return person.delete(`/auth/sessions/${body.data[0].id}`);
    },
    ...(['session', false, false] as const),
  ],
  'user.profile_changed': [async () => user.patch('/auth/profile', { name: newId() }), 'user', true, true],
  'user.password_changed': [
    async () => (await aUser(app)).post('/auth/change-password', { currentPassword: password, newPassword: newId() }),
    ...(['user', false, false] as const),
  ],
  'user.deleted': [async () => (await aUser(app)).delete('/auth/account').send({ password }), 'user', true, false],
  'api_key.created': [async () => aKey(), 'api_key', false, true],
  'api_key.deleted': [
    async () => user.delete(`/auth/api-keys/${(await aKey()).body.id}`),
    ...(['api_key', false, false] as const),
  ],
  'user.role_changed': [
    async () => admin.patch(`/admin/users/${(await aUser(app)).id}/role`, { role: 'admin' }),
    ...(['user', true, true] as const),
  ],
  'user.activity_changed': [
    async () => admin.patch(`/admin/users/${(await aUser(app)).id}`, { isActive: false }),
    ...(['user', true, true] as const),
  ],
  'user.quotas_changed': [
    async () => admin.patch(`/admin/users/${(await aUser(app)).id}/quotas`, { liveJobs: 7 }),
    ...(['user', true, true] as const),
  ],
  'secret.created': [
    async () => user.post('/secrets', { name: aName(), value: 'a fine value' }),
    ...(['secret', false, true] as const),
  ],
  'secret.replaced': [
    async () => user.put(`/secrets/${await aSecret()}`, { value: 'a finer value' }),
    ...(['secret', true, true] as const),
  ],
  'secret.deleted': [async () => user.delete(`/secrets/${await aSecret()}`), 'secret', true, false],
  'invite.created': [async () => admin.post('/admin/invites', {}), 'invite', false, true],
  'invite.revoked': [
    async () => admin.delete(`/admin/invites/${(await admin.post('/admin/invites', {})).body.id}`),
    ...(['invite', false, false] as const),
  ],
  'job.created': [async () => user.post('/jobs', later), 'job', false, true],
  'job.replaced': [async () => user.put(`/jobs/${await aJob()}`, { ...later, name: 'y' }), 'job', true, true],
  'job.changed': [async () => user.patch(`/jobs/${await aJob()}`, { name: 'y' }), 'job', true, true],
  'job.deleted': [async () => user.delete(`/jobs/${await aJob()}`), 'job', true, false],
  'job.cancelled': [async () => user.post(`/jobs/${await aJob()}/cancel`), 'job', true, true],
  'job.rescheduled': [
    async () => user.post(`/jobs/${await aJob()}/reschedule`, { scheduledAt: inMs(900_000) }),
    ...(['job', true, true] as const),
  ],
  'job.paused': [async () => user.post(`/jobs/${await aJob()}/pause`, {}), 'job', true, true],
  'job.resumed': [
    async () => {
      const id = await aJob();
      await user.post(`/jobs/${id}/pause`, {}).expect(200);
      return user.post(`/jobs/${id}/resume`);
    },
    ...(['job', true, true] as const),
  ],
  'job.triggered': [async () => user.post(`/jobs/${await aJob()}/trigger`, {}), 'job', false, false],
  'run.cancelled': [
    async () => user.post(`/runs/${(await runsOf(user, await aJob()))[0]?.id}/cancel`),
    ...(['run', true, true] as const),
  ],
  'backfill.started': [aBackfill, 'backfill', false, true],
  'backfill.cancelled': [
    async () => user.post(`/backfills/${(await aBackfill()).body.id}/cancel`),
    ...(['backfill', true, true] as const),
  ],
  'calendar.created': [
    async () => user.post('/calendars', { ...days, name: newId() }),
    ...(['calendar', false, true] as const),
  ],
  'calendar.replaced': [
    async () => user.put(`/calendars/${await aCalendar()}`, { ...days, name: newId() }),
    ...(['calendar', true, true] as const),
  ],
  'calendar.deleted': [async () => user.delete(`/calendars/${await aCalendar()}`), 'calendar', true, false],
};

describe('every action', () => {
  it('that a route declares is tried here', async () => {
    const { body } = await app.http.get('/api-json').expect(200);
    const operations = Object.values(body.paths as Record<string, object>).flatMap((path) => Object.values(path));
    const declared = operations.flatMap((operation) => operation['x-audit'] ?? []);
    expect(declared.length).toBeGreaterThan(25);
    expect([...new Set(declared)].sort()).toEqual(Object.keys(writes).sort());
  });

  it.each(Object.keys(writes))('%s makes one entry: who, what, to what, from where', async (action) => {
    const [act, kind, before, after] = writes[action]!;
    const answer = await act();
    expect([200, 201, 204]).toContain(answer.status);
    const rows = await rowsOf(answer);
    expect(rows).toEqual([expect.objectContaining({ action, outcome: 'success', reason: null, count: 1 })]);
    expect(rows[0]).toMatchObject({
      user_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      credential: /^user.registered|^session.(opened|refreshed)/.test(action) ? 'none' : 'session',
      target_kind: kind,
      target_id: expect.stringMatching(/^(s-)?[0-9a-f-]{36}$/),
      before_digest: before ? digest : null,
      after_digest: after ? digest : null,
      address: '127.0.0.1',
    });
    if (before && after) expect(rows[0]?.after_digest).not.toBe(rows[0]?.before_digest);
    if (typeof answer.body.id === 'string' && !['job', 'secret'].includes(kind))
      expect(rows[0]?.target_id).toBe(answer.body.id);
  });
});

describe('what is done', () => {
  it('in bulk is one entry, which counts the jobs', async () => {
    const answer = await user.post('/jobs/bulk', { jobs: Array.from({ length: 500 }, () => later) }).expect(201);
    expect(await rowsOf(answer)).toEqual([
      expect.objectContaining({ action: 'job.created', count: 500, target_kind: 'job', target_id: null }),
    ]);
  });

  it('once for an Idempotency-Key is told once', async () => {
    const again = () => user.post('/jobs', later).set('idempotency-key', 'audited').expect(201);
    const [first, second] = [await again(), await again()];
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect([await rowsOf(first), await rowsOf(second)].map(({ length }) => length)).toEqual([1, 0]);
  });

  it('by a key names the key', async () => {
    const { body } = await aKey();
    const answer = await app.http.post('/jobs').set('x-api-key', body.key).send(later).expect(201);
    expect(await rowsOf(answer)).toEqual([
      expect.objectContaining({ user_id: user.id, credential: 'api_key', credential_id: body.id }),
    ]);
  });

  it('not at all, for it is wrong or impossible, is not told', async () => {
    const id = await aJob();
    await user.post(`/jobs/${id}/cancel`).expect(200);
    const refused = [await user.post(`/jobs/${id}/cancel`), await user.post('/jobs', { name: 7 })];
    expect(refused.map(({ status }) => status)).toEqual([409, 400]);
    expect((await Promise.all(refused.map(rowsOf))).flat()).toEqual([]);
  });

  it('comes from whom a trusted proxy names', async () => {
    const answer = await user.post('/jobs', later).set('x-forwarded-for', '203.0.113.9').expect(201);
    expect(await rowsOf(answer)).toEqual([expect.objectContaining({ address: '203.0.113.9' })]);
  });

  it('leaves one trail of digests: what one change left is what the next found', async () => {
    const id = await aJob();
    await user.patch(`/jobs/${id}`, { name: 'y' }).expect(200);
    await user.post(`/jobs/${id}/pause`, {}).expect(200);
    const { body } = await admin.get(`/admin/audit?target=job:${id}`).expect(200);
    const [paused, changed, created] = body.data;
    expect([created.action, changed.action, paused.action]).toEqual(['job.created', 'job.changed', 'job.paused']);
    expect([created.after, changed.after]).toEqual([changed.before, paused.before]);
  });

  it('by somebody outlives their account', async () => {
    const person = await aUser(app);
    const answer = await person.post('/calendars', days).expect(201);
    await person.delete('/auth/account').send({ password }).expect(204);
    expect(await rowsOf(answer)).toEqual([expect.objectContaining({ user_id: person.id })]);
  });
});

describe('what is refused', () => {
  const wrongLogin = (email: string) => app.http.post('/auth/login').send({ email, password: 'wrong password' });

  it.each<[what: string, act: () => Promise<Answer>, row: Partial<Row>]>([
    ['a wrong password', async () => wrongLogin(user.email), { action: 'auth.login_refused', target_kind: 'user' }],
    [
      'an unknown e-mail',
      async () => wrongLogin(`${newId()}@example.com`),
      { action: 'auth.login_refused', target_id: 'POST /auth/login', reason: 'INVALID_CREDENTIALS' },
    ],
    [
      'a forged token',
      async () => app.http.get('/jobs').set('authorization', `Bearer ${user.token}x`),
      { action: 'auth.credential_refused', user_id: null, target_id: 'GET /jobs' },
    ],
    [
      'a wrong key',
      async () => app.http.get('/jobs').set('x-api-key', `pk_${'0'.repeat(32)}_${'A'.repeat(43)}`),
      { action: 'auth.credential_refused', credential: 'none' },
    ],
    ['an admin route', async () => user.get('/admin/users'), { action: 'access.refused', reason: 'ROLE_REQUIRED' }],
    [
      'an admin route, to nobody in particular',
      async () => app.http.get('/admin/audit'),
      { action: 'access.refused', reason: 'UNAUTHENTICATED', user_id: null },
    ],
    [
      'an account to a wrong password',
      async () => user.delete('/auth/account').send({ password: 'wrong password' }),
      { action: 'access.refused', reason: 'WRONG_PASSWORD', target_id: 'DELETE /auth/account' },
    ],
    [
      'a refresh token that was never given',
      async () => app.http.post('/auth/refresh').send({ refresh_token: `rt_${'A'.repeat(43)}` }),
      { action: 'auth.refresh_refused', reason: 'INVALID_REFRESH_TOKEN' },
    ],
  ])('%s makes one entry', async (_, act, row) => {
    expect(await refusalOf(await act())).toMatchObject({ outcome: 'refused', count: 1, ...row });
  });

  it('to a key names the key and its owner', async () => {
    const { body } = await aKey();
    const answer = await app.http.post('/auth/api-keys').set('x-api-key', body.key).send({ name: 'k', scopes: [] });
    const who = { user_id: user.id, credential: 'api_key', credential_id: body.id };
    expect(await refusalOf(answer)).toMatchObject({
      action: 'access.refused',
      target_id: 'POST /auth/api-keys',
      ...who,
    });
  });

  it('a thousand times makes few entries that count them all', async () => {
    const from = (at: number) => wrongLogin('flood@example.com').set('x-forwarded-for', `198.51.100.${at % 4}`);
    const before = Date.now();
    for (let round = 0; round < 25; round += 1) await Promise.all(Array.from({ length: 40 }, (_, at) => from(at)));
    const tally = () =>
      app.database.query<[{ rows: number; sum: number }]>(
        `SELECT count(*)::integer AS rows, sum(count)::integer AS sum FROM audit_events
         WHERE action = 'auth.login_refused' AND address LIKE '198.51.100.%'`,
      );
    const [{ rows }] = await eventually(tally, ([{ rows }]) => rows >= 80);
    // Four addresses and two reasons, a wrong password and too many: twenty rows for each, and one that counts the others.
    const minutes = 1 + Math.ceil((Date.now() - before) / 60_000);
    expect(rows).toBeLessThanOrEqual(4 * 2 * 21 * minutes);
  });
});

describe('GET /admin/audit', () => {
  const read = async (query: string) => (await admin.get(`/admin/audit?${query}`).expect(200)).body;

  it('shows an event in full', async () => {
    const id = await aJob();
    expect(await read(`target=job:${id}`)).toEqual({
      data: [
        {
          id: expect.any(String),
          at: expect.stringMatching(/Z$/),
          ...{ action: 'job.created', outcome: 'success', reason: null, userId: user.id, credential: 'session' },
          ...{ credentialId: expect.any(String), target: { kind: 'job', id }, before: null, after: digest },
          ...{ address: '127.0.0.1', requestId: expect.any(String), count: 1 },
        },
      ],
      meta: { limit: 20, nextCursor: null },
    });
  });

  it('is walked by its cursor, to the end', async () => {
    const person = await aUser(app);
    for (let at = 0; at < 7; at += 1) await person.patch('/auth/profile', { name: `n ${at}` }).expect(200);
    const query = `userId=${person.id}&limit=3`;
    const all = (await read(`userId=${person.id}`)).data;
    const walked: unknown[] = [];
    let cursor = '';
    do {
      const { data, meta } = await read(`${query}&cursor=${cursor}`);
      walked.push(...data);
      cursor = meta.nextCursor;
    } while (cursor);
    expect(all).toHaveLength(8);
    expect(walked).toEqual(all);
  });

  it('refuses a cursor that it did not give for the query', async () => {
    const { meta } = await read('limit=1');
    for (const query of [`cursor=${meta.nextCursor}&outcome=refused`, `cursor=${meta.nextCursor}x`, 'cursor=x']) {
      const { body } = await admin.get(`/admin/audit?${query}`).expect(400);
      expect(body).toMatchObject({ code: 'INVALID_CURSOR', errors: [{ pointer: '/cursor' }] });
    }
  });

  it.each([
    ['from=2026-02-30T00:00:00Z', '/from'],
    ['from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z', '/from'],
    ['userId=x', '/userId'],
    ['outcome=x', '/outcome'],
    ["action=x'--", '/action'],
    ['target=%00', '/target'],
    ['limit=101', '/limit'],
    ['sort=password', '/sort'],
  ])('refuses %s', async (query, pointer) => {
    const { body } = await admin.get(`/admin/audit?${query}`).expect(400);
    expect(body.errors[0].pointer).toBe(pointer);
  });

  it('is for admins, and for their keys that may read as one', async () => {
    await user.get('/admin/audit').expect(403);
    const { body } = await admin.post('/auth/api-keys', { name: 'k', scopes: ['admin:read'] }).expect(201);
    await app.http.get('/admin/audit').set('x-api-key', body.key).expect(200);
  });
});
