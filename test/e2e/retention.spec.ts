import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { newDataSource } from '../../src/data-source.js';
import { TypeormInvariantChecks } from '../../src/runs/ledger/repositories/typeorm-invariant-checks.js';
import { aHistory } from '../support/aged-history.js';
import { startApp } from '../support/app.js';
import type { TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { ProductProcess } from '../support/processes.js';
import { startServices } from '../support/services.js';
import type { Services } from '../support/services.js';
import { aUser } from '../support/user.js';
import type { TestUser } from '../support/user.js';

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const often = { RETENTION_INTERVAL_MS: '1000', RETENTION_FAILED_RUNS_DAYS: '90' };

const count = async (database: DataSource, of: string): Promise<number> =>
  (await database.query<[{ count: number }]>(`SELECT count(*)::integer AS count FROM ${of}`))[0].count;

/** What the auditor finds wrong with all that is stored. */
async function wrong(database: DataSource): Promise<unknown[]> {
  const { findings } = await new TypeormInvariantChecks(database).audit(new Date(0), new Date('2100-01-01'), 60_000, 5);
  return findings.filter((finding) => finding.count > 0);
}

describe('history that is older than it is kept', () => {
  let app: TestApp;
  let user: TestUser;
  let thisHour: Date;

  beforeAll(async () => {
    app = await startApp(often);
    user = await aUser(app);
    thisHour = new Date(Math.floor(Date.now() / hourMs) * hourMs);
  });
  afterAll(() => app.stop());

  const get = async (path: string) => (await user.get(path).expect(200)).body;
  const ago = (days: number): Date => new Date(thisHour.getTime() - days * dayMs);

  /** An hourly job as it is after a hundred days, its runs all succeeded, and one without a row ten days ago. */
  async function aJobOfAHundredDays(): Promise<string> {
    const { id } = (await user.post('/jobs', { name: 'hourly', type: 'recurring', cron: '0 * * * *' }).expect(201))
      .body;
    const { database } = app;
    await database.query('DELETE FROM runs WHERE job_id = $1', [id]);
    await database.query(`UPDATE jobs SET created_at = $2, version_since = $2, next_run_at = $3 WHERE id = $1`, [
      id,
      new Date(ago(100).getTime() - 1),
      new Date(thisHour.getTime() + hourMs),
    ]);
    await database.query(
      `INSERT INTO runs (id, job_id, nominal_at, due_at, trigger, state, reason, ring_at, job_version, attempts,
                         lease_token, started_at, ended_at, created_at, attempt_status, execution_started_at, gated)
       SELECT (lpad(to_hex(floor(extract(epoch FROM t) * 1000)::bigint), 12, '0') || '70008000' || substr(md5(t::text), 1, 12))::uuid,
              $1, t, t, 'schedule', 'succeeded', 'completed', t, 1, 1, 1, t, t, t, 'succeeded', t, true
       FROM generate_series($2::timestamptz, $3::timestamptz, interval '1 hour') AS t WHERE t <> $4`,
      [id, ago(100), thisHour, ago(10)],
    );
    return id;
  }

  it('goes, and every reader says pruned, where it is, and missing, where it is not', async () => {
    const id = await aJobOfAHundredDays();
    const mark = ago(90);
    const ledger = await eventually(
      () => get(`/jobs/${id}/ledger?from=${ago(100).toISOString()}&to=${thisHour.toISOString()}`),
      // A ledger reads rows before the mark: those that go in between it still counts as rows.
      ({ prunedUntil, byOutcome }) => prunedUntil !== null && new Date(prunedUntil) >= mark && byOutcome.pruned > 0,
    );
    const pruned = (new Date(ledger.prunedUntil).getTime() - ago(100).getTime()) / hourMs + 1;
    expect(ledger).toMatchObject({
      ...{ expected: 2_400, accountedFor: 2_399 - pruned, missing: [ago(10).toISOString()], missingCount: 1 },
      byOutcome: { pruned, succeeded: 2_399 - pruned },
    });
    expect(ledger.summary).toContain(`; 1 missing; ${pruned} pruned, up to ${ledger.prunedUntil}`);
    const old = await get(`/jobs/${id}/explain?at=${ago(95).toISOString()}`);
    expect(old).toMatchObject({ named: true, runId: null });
    expect(old.summary).toContain('is not kept any more');
    expect((await get(`/jobs/${id}/explain?at=${ago(10).toISOString()}`)).summary).toContain('a gap in the ledger');
    expect(new Date((await get(`/jobs/${id}`)).completedAt).getTime()).toBeGreaterThanOrEqual(thisHour.getTime());
    expect(await wrong(app.database)).toEqual([]);
    const { text } = await app.http.get('/metrics').expect(200);
    expect(text).toMatch(/^scheduler_pruned_total\{what="runs"\} [1-9]/m);
    expect(text).toMatch(/^scheduler_prune_step_seconds_count\{what="sessions"\} [1-9]/m);
  });

  it('takes ended one-time jobs along, and leaves young and waiting ones', async () => {
    const submitted = async (body: object): Promise<string> =>
      (await user.post('/jobs', { name: 'once', type: 'one_time', handler: 'log', payload: {}, ...body }).expect(201))
        .body.id;
    const [young, far] = [await submitted({}), await submitted({ scheduledAt: '2099-01-01T00:00:00Z' })];
    await eventually(
      () => get(`/jobs/${young}`),
      ({ status }) => status === 'completed',
    );
    const { jobIds } = await aHistory(app.database, {
      ...{ jobs: 3, runsEach: 1, oneTime: true, ageDays: 100, ownerId: user.id },
    });
    for (const id of jobIds)
      await eventually(
        () => user.get(`/jobs/${id}`),
        ({ status }) => status === 404,
      );
    expect((await get(`/jobs/${young}/runs`)).data).toMatchObject([{ state: 'succeeded' }]);
    expect(await get(`/jobs/${far}`)).toMatchObject({ status: 'pending', nextRunAt: '2099-01-01T00:00:00.000Z' });
    expect(await wrong(app.database)).toEqual([]);
  });
});

describe('a ticker that is killed while it prunes', () => {
  let services: Services;
  let database: DataSource;
  const tickers: ProductProcess[] = [];

  afterEach(async () => {
    await Promise.all(tickers.splice(0).map((ticker) => ticker.end('SIGKILL')));
    await database.destroy();
    await services.drop();
  });

  it('leaves each run whole or gone, with its mark; two others finish the work', async () => {
    services = await startServices();
    database = await newDataSource(services.config()).initialize();
    const [jobs, runsEach, perJob] = [20, 600, 510];
    await aHistory(database, { jobs, runsEach, finished: true });
    await aHistory(database, { jobs: 3_000, runsEach: 1, oneTime: true, ageDays: 100 });
    await database.query('CREATE TABLE all_runs AS SELECT id, job_id, nominal_at FROM runs');
    const aTicker = async (): Promise<ProductProcess> => {
      const settings = { ...services.environment, ...often, ROLES: 'ticker', RETENTION_BATCH_SIZE: '150' };
      const ticker = await ProductProcess.start(settings);
      tickers.push(ticker);
      return ticker;
    };
    const total = jobs * runsEach + 3_000;
    const left = () => count(database, 'runs');
    for (const share of [0.9, 0.6]) {
      const ticker = await aTicker();
      await eventually(left, (rows) => rows < total * share, { withinMs: 30_000 });
      await ticker.end('SIGKILL');
      await check();
    }
    expect(await left()).toBeGreaterThan(jobs * (runsEach - perJob));
    await Promise.all([aTicker(), aTicker()]);
    await eventually(left, (rows) => rows === jobs * (runsEach - perJob), { withinMs: 60_000 });
    await check();
    expect(await count(database, 'jobs')).toBe(jobs);
  });

  async function check(): Promise<void> {
    const parts = `(SELECT run_id FROM executions UNION ALL SELECT run_id FROM log_lines) AS part`;
    expect(await count(database, `${parts} WHERE NOT EXISTS (SELECT FROM runs r WHERE r.id = part.run_id)`)).toBe(0);
    const marked = `SELECT FROM pruned_histories p WHERE p.job_id = a.job_id AND p.scheduled_until >= a.nominal_at`;
    const gone = `all_runs a JOIN jobs j ON j.id = a.job_id WHERE NOT EXISTS (SELECT FROM runs r WHERE r.id = a.id)`;
    expect(await count(database, `${gone} AND NOT EXISTS (${marked})`)).toBe(0);
    expect(await count(database, `jobs j WHERE NOT EXISTS (SELECT FROM runs r WHERE r.job_id = j.id)`)).toBe(0);
    expect(await wrong(database)).toEqual([]);
  }
});
