import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp } from '../support/app.js';
import type { TestApp } from '../support/app.js';
import { inMs, jobThatIs, runsOf, submit } from '../support/jobs.js';
import type { ShownJob } from '../support/jobs.js';
import { aUser } from '../support/user.js';
import type { TestUser } from '../support/user.js';

let app: TestApp;
let user: TestUser;

beforeAll(async () => {
  app = await startApp();
  user = await aUser(app);
});
afterAll(() => app.stop());

const later = { type: 'one_time', scheduledAt: '2036-01-01T00:00:00Z' };
const totalOf = async (of: TestUser, query = ''): Promise<number> =>
  (await of.get(`/jobs?limit=1${query}`).expect(200)).body.meta.total as number;

describe('a submission', () => {
  it('answers the job with every field that it shows', async () => {
    const before = Date.now();
    const job = await submit(user, { name: ' nightly ', description: 'All of it', ...later });
    expect(job).toMatchObject({
      name: 'nightly',
      description: 'All of it',
      type: 'one_time',
      handler: 'log',
      status: 'pending',
      payload: {},
      scheduledAt: '2036-01-01T00:00:00.000Z',
      nextRunAt: '2036-01-01T00:00:00.000Z',
      recurrencePattern: null,
      startedAt: null,
      completedAt: null,
      retryCount: 0,
      maxRetries: 3,
      errorMessage: null,
      result: null,
      isActive: true,
      userId: user.id,
    });
    expect(Date.parse(job['createdAt'] as string)).toBeGreaterThanOrEqual(before - 1_000);
    expect(job['updatedAt']).toBe(job['createdAt']);
    expect((await user.get(`/jobs/${job.id}`).expect(200)).body).toEqual(job);
    expect((await user.get(`/jobs/${job.id}/status`).expect(200)).body).toEqual({
      id: job.id,
      status: 'pending',
      nextRunAt: '2036-01-01T00:00:00.000Z',
      lastRunState: null,
      retryCount: 0,
    });
  });

  it.each([
    ['a line break', 'night\nly'],
    ['a bell', 'ring\u0007'],
    ['a line separator', 'a\u2028b'],
    ['nothing to be seen', '\u200b'],
    ['only blanks of other scripts', '\u2800\u3164'],
  ])('with %s in its name is refused, and so are calendars, keys and people', async (_, name) => {
    const tries = [
      user.post('/jobs', { name, ...later }),
      user.post('/jobs/bulk', { jobs: [{ name, ...later }] }),
      user.post('/calendars', { name, days: ['2036-01-01'] }),
      user.post('/auth/api-keys', { name, scopes: ['jobs:read'] }),
      user.patch('/auth/profile', { name }),
    ];
    for (const { status, body } of await Promise.all(tries)) {
      expect(status).toBe(400);
      expect(body.errors).toContainEqual(
        expect.objectContaining({ pointer: expect.stringMatching(/name$/), detail: expect.stringContaining('seen') }),
      );
    }
    await submit(user, { name: 'Zoë’s 夜 🐢 job', ...later });
  });

  it('asks for no longer wait than there is, but keeps what was stored before', async () => {
    const { body } = await user.post('/jobs', { name: 'waits', retryDelayMs: 3_600_001, ...later }).expect(400);
    expect(body.errors).toEqual([{ pointer: '/retryDelayMs', detail: 'retryDelayMs must be at most 3600000.' }]);
    const job = await submit(user, { name: 'waits', retryDelayMs: 3_600_000, ...later });
    await user.patch(`/jobs/${job.id}`, { retryDelayMs: 86_400_000 }).expect(400);
    await app.database.query('UPDATE jobs SET retry_delay_ms = 86400000 WHERE id = $1', [job.id]);
    const changed = await user.patch(`/jobs/${job.id}`, { description: 'as before' }).expect(200);
    expect(changed.body).toMatchObject({ description: 'as before', retryDelayMs: 86_400_000 });
  });

  it('names every fault by its pointer, and refuses fields that do not exist', async () => {
    const { body } = await user
      .post('/jobs', { name: '', type: 'sometimes', maxRetries: 101, shceduledAt: '2036-01-01T00:00:00Z' })
      .expect(400)
      .expect('content-type', /^application\/problem\+json/);
    expect(body).toMatchObject({ code: 'VALIDATION', status: 400, instance: '/jobs' });
    const pointers = (body.errors as { pointer: string }[]).map(({ pointer }) => pointer);
    expect(new Set(pointers)).toEqual(new Set(['/name', '/type', '/maxRetries', '/shceduledAt']));
  });

  it('names faults of meaning beside those of shape', async () => {
    const pointersOf = async (sent: ReturnType<TestUser['post']>): Promise<string[]> =>
      ((await sent.expect(400)).body.errors as { pointer: string }[]).map(({ pointer }) => pointer).sort();
    const wrong = { type: 'recurring', cron: '99 * * * *', timezone: 'Mars/Olympus', handler: 'htpp', maxRetries: 'x' };
    expect(await pointersOf(user.post('/jobs', wrong))).toEqual([
      '/cron',
      '/handler',
      '/maxRetries',
      '/name',
      '/timezone',
    ]);
    const jobs = [
      { name: 'good', ...later },
      { name: 'second', type: 'recurring', cron: '99 * * * *' },
      { name: 'third', type: 'one_time', handler: 'http', payload: { url: 'ftp://example.com' } },
      { type: 'sometimes', retryDelayMs: 86_400_000 },
    ];
    expect(await pointersOf(user.post('/jobs/bulk', { jobs }))).toEqual([
      '/jobs/1/cron',
      '/jobs/2/payload/url',
      '/jobs/3/name',
      '/jobs/3/retryDelayMs',
      '/jobs/3/type',
    ]);
    expect(await pointersOf(user.post('/jobs/bulk', { jobs: [3, jobs[1]] }))).toEqual([
      '/jobs',
      '/jobs/0',
      '/jobs/1/cron',
    ]);
    expect(await pointersOf(user.post('/schedules/preview', { cron: '99 * * * *', count: 0 }))).toEqual([
      '/count',
      '/cron',
    ]);
    const { id } = await submit(user, { name: 'changed', ...later });
    const change = { cron: '99 * * * *', every: 'soon', name: 7, endsAt: '2020-01-01' };
    expect(await pointersOf(user.patch(`/jobs/${id}`, change))).toEqual(['/cron', '/endsAt', '/every', '/name']);
  });

  it('refuses an unknown handler with the list of those there are', async () => {
    const { body } = await user.post('/jobs', { name: 'x', type: 'one_time', handler: 'htpp' }).expect(400);
    expect(body.errors).toEqual([
      { pointer: '/handler', detail: 'There is no handler "htpp"; there are: email, http, log.' },
    ]);
  });

  it('has its payload checked by its handler', async () => {
    const faultsOf = async (payload: object): Promise<unknown> =>
      (await user.post('/jobs', { name: 'x', type: 'one_time', handler: 'http', payload }).expect(400)).body.errors;
    expect(await faultsOf({ url: 'https://example.com', method: 'FETCH', tiemoutMs: 5 })).toEqual([
      { pointer: '/payload/tiemoutMs', detail: expect.any(String) },
      { pointer: '/payload/method', detail: expect.any(String) },
    ]);
    expect(await faultsOf({ url: 'ftp://example.com' })).toEqual([
      { pointer: '/payload/url', detail: expect.any(String) },
    ]);
  });

  it('needs an account', async () => {
    await app.http.post('/jobs').send({ name: 'x', type: 'one_time' }).expect(401);
  });
});

describe('a bulk submission', () => {
  it('creates all, in the order in which they were sent', async () => {
    const sender = await aUser(app);
    const jobs = ['a', 'b', 'c'].map((name) => ({ name, ...later }));
    const { body } = await sender.post('/jobs/bulk', { jobs }).expect(201);
    expect((body.data as ShownJob[]).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(await totalOf(sender)).toBe(3);
  });

  it('creates none when one is bad, and points to it', async () => {
    const sender = await aUser(app);
    const jobs = [
      { name: 'good', ...later },
      { name: '', ...later },
    ];
    const { body } = await sender.post('/jobs/bulk', { jobs }).expect(400);
    expect((body.errors as { pointer: string }[]).map(({ pointer }) => pointer)).toEqual(['/jobs/1/name']);
    const unknown = [jobs[0], { name: 'x', ...later, handler: 'htpp' }];
    const refused = (await sender.post('/jobs/bulk', { jobs: unknown }).expect(400)).body;
    expect((refused.errors as { pointer: string }[]).map(({ pointer }) => pointer)).toEqual(['/jobs/1/handler']);
    expect(await totalOf(sender)).toBe(0);
  });

  it.each([0, 1_001])('of %i is refused', async (count) => {
    const jobs = Array.from({ length: count }, () => ({ name: 'x', ...later }));
    const { body } = await user.post('/jobs/bulk', { jobs }).expect(400);
    expect((body.errors as { pointer: string }[])[0]?.pointer).toBe('/jobs');
  });
});

describe('an Idempotency-Key', () => {
  const body = { name: 'once', ...later };

  it('answers a repetition as before and creates nothing', async () => {
    const sender = await aUser(app);
    const first = await sender.post('/jobs', body).set('idempotency-key', 'k-1').expect(201);
    expect(first.headers).not.toHaveProperty('idempotency-replayed');
    const reordered = Object.fromEntries(Object.entries(body).reverse());
    const second = await sender.post('/jobs', reordered).set('idempotency-key', 'k-1').expect(201);
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect(second.body).toEqual(first.body);
    expect(await totalOf(sender)).toBe(1);
  });

  it('with another body is refused', async () => {
    const sender = await aUser(app);
    await sender.post('/jobs', body).set('idempotency-key', 'k-2').expect(201);
    const other = await sender
      .post('/jobs', { ...body, name: 'twice' })
      .set('idempotency-key', 'k-2')
      .expect(422);
    expect(other.body.code).toMatch(/IDEMPOTENCY/);
    expect(await totalOf(sender)).toBe(1);
  });

  it('sent five times at once creates one job', async () => {
    const sender = await aUser(app);
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => sender.post('/jobs/bulk', { jobs: [body] }).set('idempotency-key', 'k-3')),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    expect(new Set(answers.map(({ body }) => body.data[0].id)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true')).toHaveLength(4);
    expect(await totalOf(sender)).toBe(1);
  });

  it('is its sender’s own, and may be used again after a refusal', async () => {
    const [one, other] = [await aUser(app), await aUser(app)];
    await one
      .post('/jobs', { ...body, name: '' })
      .set('idempotency-key', 'k-4')
      .expect(400);
    await one.post('/jobs', body).set('idempotency-key', 'k-4').expect(201);
    const theirs = await other.post('/jobs', body).set('idempotency-key', 'k-4').expect(201);
    expect(theirs.headers).not.toHaveProperty('idempotency-replayed');
  });
});

describe('the list of jobs', () => {
  let owner: TestUser;
  let startedAt: string;
  const names = async (query: string): Promise<string[]> =>
    ((await owner.get(`/jobs?${query}`).expect(200)).body.data as { name: string }[]).map(({ name }) => name);

  beforeAll(async () => {
    owner = await aUser(app);
    const done = await submit(owner, { name: 'done', type: 'one_time', description: 'Half of it' });
    await jobThatIs(owner, done.id, 'completed');
    await submit(owner, { name: '100 % sure_', ...later });
    startedAt = new Date(Date.now() + 1).toISOString();
    await jobThatIs(owner, done.id, 'completed');
    await submit(owner, { name: '100 x sure!', type: 'recurring', recurrencePattern: 'daily' });
    const payload = { url: 'https://example.com/' };
    await submit(owner, { name: 'call', ...later, handler: 'http', payload });
  });

  it('is newest first', async () => {
    expect(await names('')).toEqual(['call', '100 x sure!', '100 % sure_', 'done']);
  });

  it.each([
    ['status=completed', ['done']],
    ['status=pending&type=one_time', ['call', '100 % sure_']],
    ['type=recurring', ['100 x sure!']],
    ['handler=http', ['call']],
    ['status=failed', []],
    ['search=HALF', ['done']],
    ['search=%25', ['100 % sure_']],
    ['search=sure_', ['100 % sure_']],
    ['search=100', ['100 x sure!', '100 % sure_']],
    ['search=\\', []],
  ])('filters by %s', async (query, expected) => {
    expect(await names(query)).toEqual(expected);
  });

  it('filters by the time of creation', async () => {
    expect(await names(`fromDate=${startedAt}`)).toEqual(['call', '100 x sure!']);
    expect(await names(`toDate=${startedAt}`)).toEqual(['100 % sure_', 'done']);
    const { body } = await owner.get('/jobs?fromDate=2030-01-02T00:00:00Z&toDate=2030-01-01T00:00:00Z').expect(400);
    expect(body.errors[0].pointer).toBe('/toDate');
  });

  it('comes in pages', async () => {
    const { body } = await owner.get('/jobs?page=2&limit=3').expect(200);
    expect(body.meta).toEqual({ page: 2, limit: 3, total: 4, totalPages: 2 });
    expect((body.data as { name: string }[]).map(({ name }) => name)).toEqual(['done']);
    expect(await names('page=3&limit=3')).toEqual([]);
  });

  it.each(['page=0', 'limit=101', 'limit=x', 'status=unknown', 'fromDate=yesterday', 'sort=name'])(
    'refuses %s',
    async (query) => {
      const { body } = await owner.get(`/jobs?${query}`).expect(400);
      expect(body.errors[0].pointer).toBe(`/${query.split('=')[0]}`);
    },
  );
});

describe('a recurring job', () => {
  it('every hour shows the hour after its first time', async () => {
    const first = inMs(3_600_000 * 5);
    const job = await submit(user, {
      name: 'hourly',
      type: 'recurring',
      recurrencePattern: 'hourly',
      scheduledAt: first,
    });
    expect(job.nextRunAt).toBe(first);
    const past = new Date(Date.now() - 90 * 60_000);
    const running = await submit(user, {
      name: 'hourly',
      type: 'recurring',
      recurrencePattern: 'hourly',
      scheduledAt: past.toISOString(),
    });
    expect(running.nextRunAt).toBe(new Date(past.getTime() + 2 * 3_600_000).toISOString());
    expect((await jobThatIs(user, running.id, 'pending')).nextRunAt).toBe(running.nextRunAt);
  });

  it('every month from a 31st falls on the last day of shorter months, and returns to the 31st', async () => {
    const job = await submit(user, {
      name: 'monthly',
      type: 'recurring',
      recurrencePattern: 'monthly',
      scheduledAt: '2024-01-31T10:00:00Z',
    });
    const now = new Date();
    const lastDayAt10 = (month: number) => new Date(Date.UTC(now.getUTCFullYear(), month + 1, 0, 10));
    const next = [lastDayAt10(now.getUTCMonth()), lastDayAt10(now.getUTCMonth() + 1)].find((time) => time > now);
    expect(job.nextRunAt).toBe(next?.toISOString());
    const { body } = await user.get(`/jobs/${job.id}/next-runs?from=2029-01-01T00:00:00Z&count=4`).expect(200);
    expect((body.nextRuns as { nominalAt: string }[]).map(({ nominalAt }) => nominalAt.slice(5, 16))).toEqual([
      ...['01-31T10:00', '02-28T10:00', '03-31T10:00', '04-30T10:00'],
    ]);
  });

  it('needs a schedule, and cannot have one that never fires', async () => {
    await user.post('/jobs', { name: 'x', type: 'recurring' }).expect(400);
    const { body } = await user.post('/jobs', { name: 'x', type: 'recurring', cron: '0 0 30 2 *' }).expect(422);
    expect(body.code).toBe('NEVER_RUNS');
    const both = await user.post('/jobs', { name: 'x', type: 'one_time', recurrencePattern: 'daily' }).expect(400);
    expect(both.body.errors[0].pointer).toBe('/recurrencePattern');
  });

  it('every second runs at each of its times, once', async () => {
    const { id } = await submit(user, { name: 'tick', type: 'recurring', intervalMs: 1_000, maxRuns: 3 });
    await jobThatIs(user, id, 'completed');
    const runs = await runsOf(user, id);
    expect(runs.map(({ state }) => state)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    const times = runs.map(({ nominalAt }) => Date.parse(nominalAt));
    expect(times.map((time) => (times[0] ?? 0) - time)).toEqual([0, 1_000, 2_000]);
  });
});
