import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { unhurriedDataSource } from '../../src/data-source.js';
import type { JobFilter } from '../../src/jobs/domain/job.js';
import { TypeormJobRepository } from '../../src/jobs/repositories/typeorm-job.repository.js';
import { TypeormBacklog } from '../../src/metrics/repositories/typeorm-backlog.js';
import { TypeormRunLeases } from '../../src/runs/execution/repositories/typeorm-run-leases.js';
import { TypeormOwedDoorbells } from '../../src/runs/dispatch/repositories/typeorm-owed-doorbells.js';
import { judge } from '../support/plans/verdict.js';
import { tellPlans, watchPlans } from '../support/plans/watched-plans.js';
import { startServices } from '../support/services.js';
import type { Services } from '../support/services.js';

const future = 60_000;
const withinTheHour = 20_000;
const running = 200;
const waiting = 1_000;
const bigTables = ['jobs', 'runs'];
const page = { page: 1, limit: 20 };
const countedAtMost = 10_001;
/** What a statement that looks for running runs comes across. */
const near = running + waiting;

let services: Services;
let database: DataSource;
let watch: ReturnType<typeof watchPlans>;
let owner: string;

beforeAll(async () => {
  services = await startServices();
  const { host, port, username, password, database: name } = services.config().database;
  const client = new pg.Client({ host, port, user: username, password, database: name });
  await client.connect();
  await tellPlans(client, name);
  // A twentieth of what it is: workers are called for as if there were twenty times as many rows.
  await client.query(`ALTER DATABASE ${name} SET parallel_setup_cost = '50'`);
  await client.end();
  watch = watchPlans();
  database = await unhurriedDataSource(services.config()).initialize();
  await fill();
});
afterAll(async () => {
  watch?.stop();
  await database?.destroy();
  await services?.drop();
});

/**
 * One-time jobs for the next month, and some within the hour; among them, old and new, a few that run; and one whose runs wait
 * in line.
 */
async function fill(): Promise<void> {
  [{ id: owner }] = await database.query<[{ id: string }]>(
    `INSERT INTO users (id, email, name, password_hash) VALUES (gen_random_uuid(), 'u@example.com', 'U', '-') RETURNING id`,
  );
  await database.query(
    `INSERT INTO jobs (id, user_id, name, type, handler, payload, status, scheduled_at, overlap_policy, catchup, max_retries)
     SELECT uuidv7(), $1, 'job', 'one_time', 'log', '{}', 'pending',
            now() + CASE WHEN n <= $2 THEN interval '1 day' + n * interval '40 seconds'
                         ELSE interval '20 minutes' + (n - $2) * interval '0.1 seconds' END,
            'skip', '{"mode": "latest", "windowMs": null, "max": 100}', 0
     FROM generate_series(1, $2::integer + $3::integer) AS n`,
    [owner, future, withinTheHour],
  );
  await database.query(
    `INSERT INTO runs (id, job_id, nominal_at, due_at, trigger, state, ring_at, job_version)
     SELECT uuidv7(), id, scheduled_at, scheduled_at, 'schedule', 'scheduled', scheduled_at - interval '1 minute', 1 FROM jobs`,
  );
  await database.query(
    `UPDATE runs SET state = 'running', attempts = 1, lease_token = 1, worker_id = 'w', due_at = now(), started_at = now(),
            attempt_started_at = now(), lease_until = now() + interval '1 hour', ring_at = now() + interval '5 seconds'
     WHERE id IN ((SELECT id FROM runs ORDER BY id LIMIT $1) UNION ALL (SELECT id FROM runs ORDER BY id DESC LIMIT $1))`,
    [running / 2],
  );
  await database.query(
    `INSERT INTO runs (id, job_id, nominal_at, due_at, trigger, state, ring_at, job_version, rings, gated)
     SELECT uuidv7(), id, now() - n * interval '1 minute', now(), 'schedule', 'scheduled', now() + interval '5 seconds', 1, 1, true
     FROM generate_series(1, $1::integer) AS n,
          (SELECT job_id AS id FROM runs WHERE state = 'scheduled' ORDER BY id DESC LIMIT 1) AS newest`,
    [waiting],
  );
  await database.query('VACUUM ANALYZE jobs, runs');
}

/** What PostgreSQL did wrong meanwhile; workers that it called to read much take longer to come than there is to read. */
async function faultsOf(work: () => Promise<unknown>, rows: number): Promise<string[]> {
  const first = watch.executed.length;
  await work();
  const executed = watch.executed.slice(first);
  expect(executed.length).toBeGreaterThan(0);
  const called = executed.filter(({ nodes }) => nodes.some((node) => node['Node Type'].startsWith('Gather')));
  return [
    ...judge(executed, { bigTables, rows, sorted: near, except: [] }),
    ...called.map(({ text }) => `calls workers: ${text}`),
  ];
}

describe('beside 60,000 future runs', () => {
  const jobs = () => new TypeormJobRepository(database);
  const leases = () => new TypeormRunLeases(database, services.config(), { query: () => Promise.resolve([]) });

  it.each<[string, JobFilter, number]>([
    ['pending', { status: 'pending' }, countedAtMost],
    ['running', { status: 'running' }, running],
    ['pending and one-time', { status: 'pending', type: 'one_time' }, countedAtMost],
    ['running and one-time', { status: 'running', type: 'one_time' }, running],
    ['all', {}, countedAtMost],
  ])('the list of %s jobs comes across those that are near, whoever asks', async (_name, filter, total) => {
    // A bitmap counts twice; the runs of a page's jobs are looked at thrice, and the first of them has many.
    const rows = countedAtMost + 2 * near + 3 * waiting + 10 * page.limit;
    for (const whose of [owner, null]) {
      let listed: Awaited<ReturnType<TypeormJobRepository['list']>> | undefined;
      expect(await faultsOf(async () => (listed = await jobs().list(whose, filter, page)), rows)).toEqual([]);
      expect(listed?.data).toHaveLength(page.limit);
      expect(listed?.meta.total).toBe(total);
      if (filter.status) expect(listed?.data.filter(({ status }) => status !== filter.status)).toEqual([]);
    }
  });

  it('who looks for work comes across what is near', async () => {
    const rings = new TypeormOwedDoorbells(database, services.config());
    expect(await faultsOf(() => leases().findExpired(200), near)).toEqual([]);
    expect(await faultsOf(() => rings.takeOwed(200), near)).toEqual([]);
    expect(await faultsOf(() => leases().findDue(200), near + 3 * withinTheHour)).toEqual([]);
    expect(await faultsOf(() => new TypeormBacklog(database).read(0), 2 * near + 2 * withinTheHour)).toEqual([]);
  });

  it('a running run is found however long its lease and however late it was to be rung again', async () => {
    const rung = await database.query<{ id: string; jobId: string }[]>(
      `UPDATE runs SET due_at = clock_timestamp(), ring_at = clock_timestamp() + interval '10 hours', rings = 7
       WHERE id IN (SELECT id FROM runs WHERE state = 'scheduled' AND NOT gated ORDER BY id LIMIT 1)
       RETURNING id, job_id AS "jobId"`,
    );
    const [{ id, jobId }] = rung[0] as unknown as [{ id: string; jobId: string }];
    const claimant = { workerId: 'w', leaseMs: 3_600_000, aheadMs: 1_000 };
    expect(await leases().claim([id], claimant)).toHaveLength(1);
    const { data, meta } = await jobs().list(owner, { status: 'running' }, { page: 1, limit: 1_000 });
    expect(data.map((job) => job.id)).toContain(jobId);
    expect(meta.total).toBe(running + 1);
  });

  it('a claim leaves what is in indexes as it is, and so writes to none', async () => {
    const read = (ids: string[]) =>
      database.query<object[]>('SELECT id, job_id, ring_at, ended_at FROM runs WHERE id = ANY ($1) ORDER BY id', [ids]);
    const soon = await database.query<[{ id: string }[], number]>(
      `UPDATE runs SET due_at = clock_timestamp(), ring_at = clock_timestamp() + interval '5 seconds', rings = 1
       WHERE id IN (SELECT id FROM runs WHERE state = 'scheduled' AND NOT gated ORDER BY id LIMIT 50) RETURNING id`,
    );
    const ids = soon[0].map(({ id }) => id);
    const before = await read(ids);
    const { leaseMs, claimAheadMs: aheadMs } = services.config().engine;
    expect(await leases().claim(ids, { workerId: 'w', leaseMs, aheadMs })).toHaveLength(50);
    expect(await read(ids)).toEqual(before);
  });
});
