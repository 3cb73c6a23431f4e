import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type pg from 'pg';
import supertest from 'supertest';
import { AppModule } from '../../src/app.module.js';
import { createApp } from '../../src/http/application.js';
import { newId } from '../../src/kernel/ids.js';
import { newDataSource } from '../../src/data-source.js';
import { eventually } from '../support/eventually.js';
import { inMs } from '../support/jobs.js';
import { documentedRoutes } from '../support/openapi.js';
import type { Route } from '../support/openapi.js';
import { fillWithHistory } from '../support/plans/much-history.js';
import type { History } from '../support/plans/much-history.js';
import { judge } from '../support/plans/verdict.js';
import { tellPlans, watchPlans } from '../support/plans/watched-plans.js';
import type { Executed } from '../support/plans/watched-plans.js';
import { connectTo, startServices } from '../support/services.js';
import type { Services } from '../support/services.js';
import { anAdmin } from '../support/user.js';
import type { TestUser } from '../support/user.js';

let services: Services;
let app: NestFastifyApplication | undefined;
let user: TestUser;
let history: History;
let client: pg.Client;
let watch: ReturnType<typeof watchPlans>;
let bigTables: string[];
let routes: Route[];

/** The whole program, over a history that it did not make, telling the plan of every statement that any part of it sends. */
beforeAll(async () => {
  services = await startServices();
  routes = await documentedRoutes();
  await start({ ROLES: 'api' });
  const http = supertest(await app!.getUrl());
  const database = await newDataSource(services.config()).initialize();
  const { token, id } = await anAdmin({ http, database });
  await app!.close();
  history = await fillWithHistory(database, id);
  await database.destroy();

  client = await connectTo(services.config());
  const { rows } = await client.query<{ relname: string }>(
    `SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples >= 1000 AND relnamespace = 'public'::regnamespace`,
  );
  bigTables = rows.map(({ relname }) => relname);
  await tellPlans(client, services.environment['DB_DATABASE'] ?? '');
  watch = watchPlans();
  await start({ RETRY_DELAY_MS: '50', LEASE_MS: '1000' });
  user = asUser(await app!.getUrl(), id, token);
});
afterAll(async () => {
  watch?.stop();
  await app?.close();
  await client?.end();
  await services?.drop();
});

async function start(overrides: Record<string, string>): Promise<void> {
  const config = services.config(overrides);
  app = await createApp(AppModule.of(config), config);
  await app.listen({ port: 0, host: '127.0.0.1' });
}

function asUser(url: string, id: string, token: string): TestUser {
  const http = supertest(url);
  const bearer = `Bearer ${token}`;
  const send = (method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string, body?: object) => {
    const request = http[method](path).set('authorization', bearer);
    return body === undefined ? request : request.send(body);
  };
  return {
    ...{ id, token, email: '', refreshToken: '' },
    get: (path) => send('get', path),
    post: (path, body) => send('post', path, body),
    put: (path, body) => send('put', path, body),
    patch: (path, body) => send('patch', path, body),
    delete: (path) => send('delete', path),
  };
}

/** What was sent, by anybody, while `work` was under way. */
async function during(work: () => Promise<unknown>): Promise<Executed[]> {
  const first = watch.executed.length;
  await work();
  return watch.executed.slice(first);
}

const aJob = { name: 'x', type: 'one_time', handler: 'log', payload: { message: 'x' } };
const aRecurringJob = { name: 'x', type: 'recurring', handler: 'log', payload: { message: 'x' }, intervalMs: 1_000 };
const submit = async (body: object = aJob): Promise<string> =>
  (await user.post('/jobs', body).expect(201)).body.id as string;
const live = async (): Promise<number> => {
  const { rows } = await client.query<{ n: number }>(
    `SELECT count(*)::integer AS n FROM runs
     WHERE state IN ('running', 'retrying') OR state = 'scheduled' AND due_at < clock_timestamp() - interval '2 s'`,
  );
  return rows[0]!.n;
};

/** Statements that may look at more, each with its reason. */
const ofALedger = /^WITH range AS/; // the range that was asked for; the API refuses one of more than 10,000 times
const ofTheDailyAudit = /^WITH audited/; // takes thousands of runs at a time, once a day
const ofTheDailyAuditAlone = 'runs_ended_late';
const ofTheLiveQuota = /AS live FROM/; // counts up to an owner's limit, once in many submissions
const ofADay = /FROM runs WHERE \(nominal_at AT TIME ZONE .UTC.\) > .* GROUP BY state/; // the runs of a day are counted, for administrators alone
const ofAllUsers = /AS everybody/;

/** No other statement of the engine looks at more rows than a few batches. */
const engine = () => ({ bigTables, rows: 2_000, sorted: 500, except: [ofALedger, ofTheDailyAudit, ofTheLiveQuota] });

/** A filter that has no index looks at each row in question; the planner may well find reading the table the shortest way. */
const unindexed =
  /^\/(jobs|admin\/jobs|admin\/users)\?(search|handler|type=one_time)|^\/admin\/jobs\?(status|type)=|^\/admin\/users\?/;
const countedAtMost = 10_001;

/** What is merged comes out of at most three lists, each sorted up to the page's end. */
function list(path: string) {
  const query = new URL(path, 'http://localhost').searchParams;
  const end = Number(query.get('page') ?? 1) * Number(query.get('limit') ?? 20);
  const except = [ofALedger, ofTheDailyAudit, ofADay, ofAllUsers];
  return unindexed.test(path)
    ? { bigTables: [], sorted: countedAtMost, except }
    : { bigTables, sorted: 3 * end, except };
}

describe('with much history', () => {
  it('the engine reads what is under way, not what has been', async () => {
    const executed = await during(async () => {
      await user.post('/jobs', aJob).set('idempotency-key', newId()).expect(201);
      await user.post('/jobs/bulk', { jobs: Array.from({ length: 120 }, () => aJob) }).expect(201);
      await submit({ ...aJob, scheduledAt: inMs(1_500) });
      await submit(aRecurringJob);
      await submit({ ...aJob, handler: 'http', payload: { url: 'http://127.0.0.1:65533/' }, maxRetries: 1 });
      await client.query(
        `UPDATE runs SET state = 'running', attempts = 1, lease_token = 1, worker_id = 'dead', started_at = now(),
                due_at = now(), attempt_started_at = now(), lease_until = now() - interval '1 s',
                ring_at = now() - interval '1 s' WHERE job_id = $1`,
        [history.farJob],
      );
      await eventually(
        async () => (await user.get(`/jobs/${history.farJob}/executions`)).body.data as { status: string }[],
        (executions) => executions.some(({ status }) => status === 'lost'),
      );
      await eventually(live, (count) => count === 0);
    });
    expect(executed.length).toBeGreaterThan(50);
    expect(judge(executed, engine())).toEqual([]);
  });

  it('each move of a job reads that job', async () => {
    const daily = { ...aRecurringJob, intervalMs: undefined, cron: '0 0 * * *' };
    const aRange = { from: '2026-01-01T00:00:00Z', to: '2026-01-04T00:00:00Z' };
    const moves: Record<string, () => Promise<unknown>> = {
      'POST /jobs': () => submit(),
      'POST /jobs/bulk': () => user.post('/jobs/bulk', { jobs: [aJob, aRecurringJob] }).expect(201),
      'PUT /jobs/{id}': async () => user.put(`/jobs/${await submit(aRecurringJob)}`, aRecurringJob).expect(200),
      'PATCH /jobs/{id}': async () =>
        user.patch(`/jobs/${await submit(aRecurringJob)}`, { intervalMs: 2_000 }).expect(200),
      'DELETE /jobs/{id}': async () => user.delete(`/jobs/${await submit(aRecurringJob)}`).expect(204),
      'POST /jobs/{id}/cancel': async () => user.post(`/jobs/${await submit(aRecurringJob)}/cancel`).expect(200),
      'POST /jobs/{id}/reschedule': async () =>
        user
          .post(`/jobs/${await submit({ ...aJob, scheduledAt: inMs(60_000) })}/reschedule`, {
            scheduledAt: inMs(90_000),
          })
          .expect(200),
      'POST /jobs/{id}/pause': async () =>
        user.post(`/jobs/${await submit(aRecurringJob)}/pause`, { until: inMs(3_000) }).expect(200),
      'POST /jobs/{id}/resume': async () => {
        const id = await submit(aRecurringJob);
        await user.post(`/jobs/${id}/pause`, {}).expect(200);
        await user.post(`/jobs/${id}/resume`).expect(200);
      },
      'POST /jobs/{id}/trigger': async () => user.post(`/jobs/${await submit(aRecurringJob)}/trigger`, {}).expect(201),
      'POST /jobs/{id}/backfill': async () => user.post(`/jobs/${await submit(daily)}/backfill`, aRange).expect(201),
      'POST /backfills/{id}/cancel': async () => {
        const started = await user.post(`/jobs/${await submit(daily)}/backfill`, aRange).expect(201);
        await user.post(`/backfills/${started.body.id}/cancel`);
      },
      'POST /runs/{id}/cancel': async () => {
        const id = await submit({ ...aJob, scheduledAt: inMs(60_000) });
        await user
          .post(`/runs/${(await user.get(`/jobs/${id}/runs?state=scheduled`)).body.data[0].id}/cancel`)
          .expect(200);
      },
    };

    const known = routes.filter(({ method, path }) => method !== 'get' && /^\/(jobs|runs|backfills)\b/.test(path));
    expect(known.map(({ name }) => name).filter((name) => !moves[name])).toEqual([]);
    for (const [name, move] of Object.entries(moves))
      expect({ name, faults: judge(await during(move), engine()) }).toEqual({ name, faults: [] });
  });

  it('each list and each filter walks an index and sorts no more than a page', async () => {
    const runOf = async (job: string): Promise<string> =>
      (await user.get(`/jobs/${job}/runs?limit=1`).expect(200)).body.data[0].id as string;
    const ids: [RegExp, string[]][] = [
      [/^\/jobs\/\{/, [history.busyJob, history.failedJob, history.doneJob]],
      [/^\/runs\/\{/, [await runOf(history.busyJob), await runOf(history.failedJob)]],
    ];
    const paths = routes
      .filter(({ method }) => method === 'get')
      .flatMap(({ path, query }) => {
        const known = ids.find(([pattern]) => pattern.test(path))?.[1] ?? [];
        const reads = path.includes('{') ? known.map((id) => path.replace(/\{[^}]+\}/, id)) : [path];
        return reads.flatMap((read) => [
          read,
          ...query.flatMap(({ name, samples }) =>
            ['limit', 'page'].includes(name)
              ? []
              : samples.map((sample) => `${read}?${name}=${encodeURIComponent(sample)}`),
          ),
          ...(query.some(({ name }) => name === 'page') ? [`${read}?page=40`, `${read}?limit=100`] : []),
        ]);
      });
    expect(paths.length).toBeGreaterThan(60);
    const faults: Record<string, string[]> = {};
    for (const path of paths) {
      let status = 0;
      const executed = await during(async () => ({ status } = await user.get(path)));
      expect({ path, refused: status >= 500 }).toEqual({ path, refused: false });
      const found = judge(executed, list(path));
      if (found.length > 0) faults[path] = found;
    }
    expect(faults).toEqual({});
  });

  it('every index is of use to some of these statements', async () => {
    const used = new Set(watch.executed.flatMap(({ nodes }) => nodes.flatMap((node) => node['Index Name'] ?? [])));
    const { rows } = await client.query<{ name: string }>(
      `SELECT i.indexrelid::regclass::text AS name FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
       WHERE t.relnamespace = 'public'::regnamespace AND t.relname = ANY ($1) AND NOT i.indisunique`,
      [['jobs', 'runs', 'earlier_executions', 'log_lines']],
    );
    expect(rows.map(({ name }) => name).filter((name) => !used.has(name) && name !== ofTheDailyAuditAlone)).toEqual([]);
  });
});
