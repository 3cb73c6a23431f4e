import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { aHistory } from '../support/aged-history.js';
import { startApp } from '../support/app.js';
import type { TestApp } from '../support/app.js';
import { CountingRelay } from '../support/counting-relay.js';
import { aUser, anAdmin } from '../support/user.js';
import type { TestUser } from '../support/user.js';

const mebibyte = 1_048_576;
/** What docs/api.md promises of each answer. */
const mostBytes = 2 * mebibyte;
/** Schedules, of which the next start is computed, are cut only then; and columns are named, for whoever asks. */
const mostFromDatabase = 4 * mebibyte;
const page = 100;

interface Schema {
  $ref?: string;
  properties?: Record<string, Schema>;
}
interface Document {
  paths: Record<
    string,
    Record<string, { responses: Record<string, { content?: Record<string, { schema: Schema }> }> }>
  >;
  components: { schemas: Record<string, Schema> };
}

let relay: CountingRelay;
let app: TestApp;
let user: TestUser;
let admin: TestUser;
let document: Document;
let ids: { job: string; run: string };

beforeAll(async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['dist/commands/openapi.js'], {
    maxBuffer: 16 * mebibyte,
  });
  document = JSON.parse(stdout) as Document;
  const { TEST_PG_HOST = '', TEST_PG_PORT = '' } = process.env;
  relay = await CountingRelay.start(TEST_PG_HOST, Number(TEST_PG_PORT));
  app = await startApp({ ROLES: 'api', DB_HOST: '127.0.0.1', DB_PORT: String(relay.port), API_KEYS_PER_USER: '200' });
  user = await aUser(app);
  admin = await anAdmin(app);
  ids = await theWorst();
}, 300_000);
afterAll(async () => {
  await app.stop();
  await relay.stop();
});

/** As much of everything as the product takes, of what JSON writes with most bytes. */
async function theWorst(): Promise<typeof ids> {
  const { database } = app;
  const { jobIds } = await aHistory(database, { jobs: page, runsEach: 1, ownerId: user.id });
  const job = jobIds[0] ?? '';
  await database.query(
    `UPDATE jobs SET name = repeat(E'\\x01', 200), description = repeat(E'\\x01', 2000), status = 'paused', paused_at = now(),
       pause_note = repeat(E'\\x01', 500), pause_reason = 'requested', payload = json_build_object('x', repeat('x', 500000)),
       schedule = jsonb_set(schedule, '{excludeDates}',
         (SELECT jsonb_agg(to_char(date '2030-01-01' + n, 'YYYY-MM-DD')) FROM generate_series(1, 1000) n))`,
  );
  await database.query(
    `INSERT INTO runs (id, job_id, nominal_at, due_at, trigger, state, reason, ring_at, job_version, attempts, lease_token,
                       started_at, ended_at, attempt_status, execution_started_at, gated)
     SELECT gen_random_uuid(), $1, t, t, 'manual', 'failed', 'attempts_exhausted', t, 1, 1, 1, t, t, 'failed', t, true
     FROM (SELECT now() - n * interval '1 min' AS t FROM generate_series(1, $2::integer) n) AS times`,
    [job, page],
  );
  const [{ id: run }] = await database.query<[{ id: string }]>(`SELECT id FROM runs WHERE job_id = $1 LIMIT 1`, [job]);
  const large = `json_build_object('y', repeat('y', 64000))`;
  await database.query(
    `UPDATE runs SET reason_detail = repeat(E'\\x01', 8192), payload = ${large}, result = ${large}, worker_id = 'h:1:abc'`,
  );
  await database.query(
    `INSERT INTO earlier_executions (id, run_id, job_id, attempt_number, status, due_at, started_at, completed_at,
                                     lease_token, error_message, result)
     SELECT gen_random_uuid(), $1, $2, 10 + n, 'failed', now(), now() + n * interval '1 s', now() + n * interval '1 s', 10 + n,
            repeat(E'\\x01', 8192), ${large} FROM generate_series(1, $3::integer) n`,
    [run, job, page],
  );
  await database.query(
    `INSERT INTO log_lines (id, run_id, job_id, level, status, message, error, timestamp)
     SELECT gen_random_uuid(), $1, $2, 'info', 'running', repeat(E'\\x01', 8192), repeat(E'\\x01', 8192), now() - interval '9 days'
     FROM generate_series(1, $3::integer)`,
    [run, job, page],
  );
  await database.query(
    `INSERT INTO backfills (id, job_id, range_from, range_to, overlap_policy, state, schedule, job_version, total, created_at)
     SELECT gen_random_uuid(), j.id, now(), now(), 'skip', 'completed', j.schedule, 1, 1, now()
     FROM jobs j, generate_series(1, $2::integer) WHERE j.id = $1`,
    [job, page],
  );
  await database.query(
    `INSERT INTO calendars (id, user_id, name, days)
     SELECT gen_random_uuid(), $1, repeat(E'\\x01', 197) || n,
            (SELECT jsonb_agg(to_char(date '2030-01-01' + d, 'YYYY-MM-DD')) FROM generate_series(1, 2000) d)
     FROM generate_series(101, 100 + $2::integer) n`,
    [user.id, page],
  );
  await database.query(
    `INSERT INTO api_keys (id, user_id, name, scopes, digest, hint)
     SELECT gen_random_uuid(), $1, repeat(E'\\x01', 100), '{jobs:read,jobs:write,runs:read,runs:write}', 'd' || n, 'h'
     FROM generate_series(1, $2::integer) n`,
    [user.id, page],
  );
  await database.query(
    `INSERT INTO invites (id, digest, email, created_by, expires_at)
     SELECT gen_random_uuid(), 'd' || n, repeat('e', 300) || n || '@example.com', $1, now() + interval '1 day'
     FROM generate_series(1, $2::integer) n`,
    [admin.id, page],
  );
  await database.query(
    `INSERT INTO users (id, email, name, password_hash)
     SELECT gen_random_uuid(), repeat('e', 300) || n || '@example.com', repeat(E'\\x01', 100), '-'
     FROM generate_series(1, $1::integer) n`,
    [page],
  );
  await database.query(
    `INSERT INTO audit_events (at, id, action, outcome, reason, user_id, credential, target_kind, target_id, before_digest,
                               after_digest, address, request_id, count)
     SELECT now(), gen_random_uuid(), 'job.changed', 'success', repeat('r', 200), $1, 'session', 'route', repeat('t', 300), repeat('a', 64),
            repeat('b', 64), '2001:0db8:0000:0000:0000:0000:0000:0001', repeat('q', 200), 1
     FROM generate_series(1, $2::integer)`,
    [user.id, page],
  );
  return { job, run };
}

const resolved = (schema: Schema): Schema =>
  schema.$ref ? (document.components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}) : schema;

/** The routes that answer a page of a list, as the document tells. */
function listings(): string[] {
  return Object.entries(document.paths).flatMap(([path, { get }]) => {
    const { properties = {} } = resolved(get?.responses['200']?.content?.['application/json']?.schema ?? {});
    return properties['data'] && properties['meta'] ? [path] : [];
  });
}

describe('the largest page of each list', () => {
  it('has at most 2 MiB, and what is cut does not even leave PostgreSQL', async () => {
    const routes = listings();
    expect(routes.length).toBeGreaterThan(18);
    for (const route of routes) {
      const id = route.includes('/runs/{id}') ? ids.run : ids.job;
      const asker = route.startsWith('/admin/') ? admin : user;
      relay.received = 0;
      const { text, body } = await asker.get(`${route.replace('{id}', id)}?limit=${page}`).expect(200);
      const found = { route, entries: body.data.length };
      expect(found).toEqual({ route, entries: page });
      expect({ route, most: Math.max(Buffer.byteLength(text), mostBytes) }).toEqual({ route, most: mostBytes });
      expect({ route, most: Math.max(relay.received, mostFromDatabase) }).toEqual({ route, most: mostFromDatabase });
    }
  });

  it('marks what is cut, and reading one thing shows it whole', async () => {
    const get = async (path: string) => (await user.get(path).expect(200)).body;
    const { data: jobs } = await get(`/jobs?limit=${page}`);
    const listed = jobs.find(({ id }: { id: string }) => id === ids.job);
    expect(listed).toMatchObject({ payload: null, result: null, schedule: null, timezone: 'UTC' });
    expect([...listed.truncated].sort()).toEqual(
      ['description', 'errorMessage', 'pauseNote', 'payload', 'result', 'schedule'].sort(),
    );
    expect(listed.description).toBe(`${'\x01'.repeat(164)}… [cut]`);
    const job = await get(`/jobs/${ids.job}`);
    expect(job).toMatchObject({
      truncated: [],
      payload: { x: 'x'.repeat(500_000) },
      result: { y: 'y'.repeat(64_000) },
    });
    expect(job.schedule.excludeDates).toHaveLength(1_000);
    const [run] = (await get(`/jobs/${ids.job}/runs?limit=${page}`)).data;
    expect(run.truncated).toEqual(['reasonDetail']);
    expect(await get(`/runs/${run.id}`)).toMatchObject({ truncated: [], reasonDetail: '\x01'.repeat(8_192) });
    const [attempt] = (await get(`/runs/${ids.run}/executions?limit=${page}`)).data;
    expect(attempt).toMatchObject({ truncated: ['result', 'errorMessage'], result: null });
    const whole = await get(`/runs/${ids.run}/executions/${attempt.attemptNumber}`);
    expect(whole).toMatchObject({ id: attempt.id, truncated: [], result: { y: 'y'.repeat(64_000) } });
    expect(whole.errorMessage).toBe('\x01'.repeat(8_192));
    await user.get(`/runs/${ids.run}/executions/99999`).expect(404);
    await user.get(`/runs/${ids.run}/executions/0`).expect(400);
    await (await aUser(app)).get(`/runs/${ids.run}/executions/${attempt.attemptNumber}`).expect(404);
    const [line] = (await get(`/runs/${ids.run}/logs?limit=${page}`)).data;
    expect(line.truncated).toEqual(['message', 'error']);
    const [more] = (await get(`/runs/${ids.run}/logs?limit=10`)).data;
    expect(more).toMatchObject({ truncated: [], message: '\x01'.repeat(8_192), error: '\x01'.repeat(8_192) });
    const [calendar] = (await get(`/calendars?limit=${page}`)).data;
    expect(calendar.truncated).toEqual(['days']);
    expect(calendar.days).toHaveLength(300);
    expect((await get(`/calendars/${calendar.id}`)).days).toHaveLength(2_000);
  });
});

describe('the answer to a bulk submission', () => {
  const bulk = (jobs: object[]) => user.post('/jobs/bulk', { jobs }).expect(201);
  const job = (payload: object) => ({ name: 'n'.repeat(200), type: 'recurring', cron: '0 0 1 1 *', payload });

  it('has at most 2 MiB', async () => {
    const most = await bulk(Array.from({ length: 1_000 }, () => job({ z: 'z'.repeat(700) })));
    expect(Buffer.byteLength(most.text)).toBeLessThanOrEqual(mostBytes);
  });

  it('shows small payloads as they were sent, member by member', async () => {
    const few = await bulk([job({ z: 1, a: { c: 1, b: 2 } }), job({ z: 'z'.repeat(5_000) })]);
    const { data } = few.body as { data: { payload: object | null; truncated: string[] }[] };
    expect(data.map(({ truncated }) => truncated)).toEqual([[], ['payload']]);
    expect(JSON.stringify(data[0]?.payload)).toBe('{"z":1,"a":{"c":1,"b":2}}');
    const listed = (await user.get('/jobs?limit=2').expect(200)).body.data;
    expect(JSON.stringify(listed[1].payload)).toBe('{"z":1,"a":{"c":1,"b":2}}');
    expect(listed[0]).toMatchObject({ payload: null, truncated: ['payload'] });
  });
});
