import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startApp } from '../support/app.js';
import type { TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { jobThatIs, submit } from '../support/jobs.js';
import { deviations } from '../support/schema-check.js';
import type { CheckedSchema } from '../support/schema-check.js';
import { aUser, anAdmin } from '../support/user.js';
import type { TestUser } from '../support/user.js';

interface OpenApi {
  paths: Record<
    string,
    Record<string, { responses: Record<string, { content?: Record<string, { schema: CheckedSchema }> }> }>
  >;
  components: { schemas: Record<string, CheckedSchema> };
}

let app: TestApp;
let user: TestUser;
let admin: TestUser;
let document: OpenApi;

beforeAll(async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['dist/commands/openapi.js'], {
    maxBuffer: 16 * 1_048_576,
  });
  document = JSON.parse(stdout) as OpenApi;
  app = await startApp({ SECRETS_KEY: Buffer.alloc(32, 7).toString('base64') });
  user = await aUser(app);
  admin = await anAdmin(app);
});
afterAll(() => app.stop());

const checked = new Set<string>();

/** Compares an answer with what the document says of it. */
function check(method: string, route: string, { status, body }: { status: number; body: unknown }): void {
  const content = document.paths[route]?.[method]?.responses[status]?.content;
  const schema = (content?.['application/json'] ?? content?.['application/problem+json'])?.schema;
  const wrong = schema ? deviations(body, schema, document.components.schemas) : ['not documented'];
  expect({ method, route, status, wrong }).toEqual({ method, route, status, wrong: [] });
  if (status < 300) checked.add(`${method} ${route}`);
}

async function get(by: TestUser, route: string, ids: Record<string, string> = {}, query = ''): Promise<unknown> {
  const path = Object.entries(ids).reduce((made, [name, value]) => made.replace(`{${name}}`, value), route);
  const answer = await by.get(`${path}${query}`).expect(200);
  check('get', route, answer);
  return answer.body as unknown;
}

async function post(by: TestUser, route: string, body: object, id = ''): Promise<{ id: string }> {
  const answer = await by.post(route.replace('{id}', id), body);
  expect([route, answer.status, answer.status < 300 ? '' : answer.body]).toEqual([route, answer.status, '']);
  check('post', route, answer);
  return answer.body as { id: string };
}

/** Jobs of all kinds, with all that can be null and all that can be set. */
async function someJobs(): Promise<{ done: string; failed: string; hourly: string }> {
  const done = await post(user, '/jobs', { name: 'done', type: 'one_time', payload: { message: 'x' } });
  const failing = { handler: 'http', payload: { url: 'http://127.0.0.1:1100/' }, maxRetries: 0 };
  const failed = await post(user, '/jobs', { name: 'failed', type: 'one_time', ...failing });
  const hourly = await post(user, '/jobs', {
    name: 'hourly',
    type: 'recurring',
    recurrencePattern: 'hourly',
    onLost: 'park',
    retryDelayMs: 3_600_000,
    timeoutMs: 1_000,
    pauseAfterFailures: 3,
    catchup: { mode: 'all', max: 5, windowMs: 86_400_001 },
  });
  await post(user, '/jobs', {
    name: 'local',
    type: 'one_time',
    scheduledAt: '2030-03-31T02:30:00',
    timezone: 'Europe/Berlin',
  });
  await post(user, '/jobs/bulk', { jobs: [{ name: 'cron', type: 'recurring', cron: '0 9 * * MON' }] });
  await jobThatIs(user, done.id, 'completed');
  await jobThatIs(user, failed.id, 'failed');
  return { done: done.id, failed: failed.id, hourly: hourly.id };
}

const ofJob = ['', '/runs', '/executions', '/logs', '/backfills', '/next-runs', '/explain', '/ledger'];

describe('answers', () => {
  it('are what the document says, strictly', async () => {
    const jobs = await someJobs();
    const calendar = await post(user, '/calendars', { name: 'holidays', days: ['2030-12-25'] });
    await post(user, '/secrets', { name: 'token', value: 'a-value-that-is-long-enough' });
    await post(user, '/auth/api-keys', { name: 'key', scopes: ['jobs:read'] });
    await post(admin, '/admin/invites', { email: 'invited@example.com' });
    await post(user, '/schedules/preview', { cron: '30 2 * * *', timezone: 'Europe/Berlin' });
    const range = { from: '2026-01-01T00:00:00Z', to: '2026-01-01T03:00:00Z' };
    const { id: cron } = await submit(user, { name: 'cron', type: 'recurring', cron: '0 * * * *' });
    const backfill = await post(user, '/jobs/{id}/backfill', range, cron);
    const run = await post(user, '/jobs/{id}/trigger', { payload: { message: 'now' } }, jobs.hourly);
    await eventually(
      async () => (await user.get(`/runs/${run.id}`).expect(200)).body as { state: string },
      ({ state }) => state === 'succeeded',
    );
    for (const move of ['pause', 'resume']) await post(user, `/jobs/{id}/${move}`, {}, jobs.hourly);
    await post(user, '/jobs/{id}/pause', { note: 'x', until: '2036-01-01T00:00:00Z' }, jobs.hourly);
    for (const id of Object.values(jobs)) {
      for (const part of ofJob) {
        if (part === '/ledger' && id !== jobs.hourly) continue;
        await get(user, `/jobs/{id}${part}`, { id });
        await get(admin, `/admin/jobs/{id}${part}`, { id });
      }
      await get(user, '/jobs/{id}/status', { id });
    }
    for (const part of ['', '/executions', '/logs', '/explain']) {
      await get(user, `/runs/{id}${part}`, { id: run.id });
      await get(admin, `/admin/runs/{id}${part}`, { id: run.id });
    }
    const attempt = { id: run.id, attemptNumber: '1' };
    await get(user, '/runs/{id}/executions/{attemptNumber}', attempt);
    await get(admin, '/admin/runs/{id}/executions/{attemptNumber}', attempt);
    await get(user, '/backfills/{id}', { id: backfill.id });
    await get(admin, '/admin/backfills/{id}', { id: backfill.id });
    await get(user, '/calendars/{id}', { id: calendar.id });
    await get(admin, '/admin/users/{id}/quotas', { id: user.id });
    await post(
      admin,
      '/admin/backfills/{id}/cancel',
      {},
      (
        await post(
          user,
          '/jobs/{id}/backfill',
          {
            from: '2025-06-01T00:00:00Z',
            to: '2025-06-20T00:00:00Z',
          },
          (await submit(user, { name: 'slow', type: 'recurring', cron: '0 * * * *' })).id,
        )
      ).id,
    );
    await post(user, '/jobs/{id}/cancel', {}, jobs.hourly);
    const plain = Object.keys(document.paths).filter((path) => document.paths[path]?.['get'] && !path.includes('{'));
    for (const path of plain) await get(path.startsWith('/admin') ? admin : user, path);
    const reading = Object.entries(document.paths).flatMap(([path, methods]) =>
      methods['get'] ? [`get ${path}`] : [],
    );
    expect(reading.filter((route) => !checked.has(route))).toEqual([]);
  });

  it('of refusals are, too', async () => {
    check('post', '/jobs', await user.post('/jobs', { name: 5 }));
    check('get', '/jobs/{id}', await user.get(`/jobs/${user.id}`));
    check('post', '/jobs/{id}/cancel', await user.post(`/jobs/${user.id}/cancel`));
  });
});

describe('the document', () => {
  it('has whole numbers wherever one is meant, and null in what may be null', () => {
    const wrong: string[] = [];
    const look = (part: unknown, path: string): void => {
      if (typeof part !== 'object' || part === null) return;
      const { type, format, nullable, enum: values } = part as CheckedSchema;
      if (type === 'number' && format !== 'double') wrong.push(path);
      if (nullable === true && Array.isArray(values) && !values.includes(null)) wrong.push(path);
      for (const [key, inner] of Object.entries(part)) if (!/^examples?$/.test(key)) look(inner, `${path}/${key}`);
    };
    look(document.components.schemas, '');
    look(document.paths, '');
    expect(wrong).toEqual([]);
  });

  it('names the public address as its server', async () => {
    const proxied = await startApp({ PUBLIC_URL: 'https://example.com/scheduler/' });
    try {
      const { body } = await proxied.http.get('/api-json').expect(200);
      expect(body.servers).toEqual([expect.objectContaining({ url: 'https://example.com/scheduler' })]);
    } finally {
      await proxied.stop();
    }
  });
});
