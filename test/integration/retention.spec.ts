import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { silentTrail } from '../support/in-memory/audit.js';
import { newDataSource } from '../../src/data-source.js';
import { TypeormTransactionRunner } from '../../src/database/typeorm-transaction-runner.js';
import { TypeormIdempotencyStore } from '../../src/idempotency/repositories/typeorm-idempotency-store.js';
import { Idempotency } from '../../src/idempotency/services/idempotency.js';
import { TypeormJobRepository } from '../../src/jobs/repositories/typeorm-job.repository.js';
import { newId } from '../../src/kernel/ids.js';
import type { Transaction } from '../../src/kernel/transaction.js';
import type { RunAges } from '../../src/runs/history/domain/retention.js';
import { TypeormBackfillRepository } from '../../src/runs/backfills/repositories/typeorm-backfill.repository.js';
import { TypeormLedgerChecks } from '../../src/runs/ledger/repositories/typeorm-ledger-checks.js';
import { TypeormInvariantChecks } from '../../src/runs/ledger/repositories/typeorm-invariant-checks.js';
import { TypeormRunLedger } from '../../src/runs/ledger/repositories/typeorm-run-ledger.js';
import { TypeormRunHistory } from '../../src/runs/history/repositories/typeorm-run-history.js';
import { Ledgers } from '../../src/runs/ledger/services/ledgers.js';
import { JobViews } from '../../src/jobs/services/job-views.js';
import { Backfills } from '../../src/runs/backfills/services/backfills.js';
import { aHistory } from '../support/aged-history.js';
import { eventually } from '../support/eventually.js';
import { noCalendars } from '../support/no-calendars.js';
import { startServices } from '../support/services.js';
import type { Services } from '../support/services.js';
import { wholePass } from '../support/whole-pass.js';

const dayMs = 86_400_000;
const ages: RunAges = { runsMs: 90 * dayMs, failedRunsMs: 180 * dayMs, jobsMs: 90 * dayMs };

let services: Services;
let database: DataSource;
let other: DataSource;

beforeAll(async () => {
  services = await startServices();
  database = await newDataSource(services.config()).initialize();
  other = await newDataSource(services.config()).initialize();
});
afterAll(async () => {
  await database.destroy();
  await other.destroy();
  await services.drop();
});
beforeEach(() => database.query('TRUNCATE users, jobs, runs, earlier_executions, log_lines, pruned_histories CASCADE'));

const inTransaction = <T>(work: (tx: Transaction) => Promise<T>, source = database) =>
  new TypeormTransactionRunner(source).run(work);
const count = async (of: string): Promise<number> =>
  (await database.query<[{ count: number }]>(`SELECT count(*)::integer AS count FROM ${of}`))[0].count;
const counts = () =>
  Promise.all(['jobs', 'runs', 'earlier_executions', 'log_lines', 'failure_notices'].map((table) => count(table)));
/** A whole pass over runs. @returns how many are gone */
function pruneRuns(source: DataSource, limit: number): Promise<number> {
  const history = new TypeormRunHistory(source);
  return wholePass((after) => inTransaction((tx) => history.pruneRuns(tx, ages, after, limit), source));
}
const orphans = () =>
  count(`(SELECT run_id FROM executions UNION ALL SELECT run_id FROM log_lines UNION ALL SELECT run_id FROM failure_notices)
         AS part WHERE NOT EXISTS (SELECT FROM runs WHERE runs.id = part.run_id)`);
/** Runs that were there, are not, and no mark says so. */
const unmarked = () =>
  count(`all_runs a JOIN jobs j ON j.id = a.job_id LEFT JOIN pruned_histories p ON p.job_id = a.job_id
         WHERE NOT EXISTS (SELECT FROM runs r WHERE r.id = a.id)
           AND (p.scheduled_until IS NULL OR p.scheduled_until < a.nominal_at)`);
async function remember(): Promise<void> {
  await database.query('DROP TABLE IF EXISTS all_runs');
  await database.query('CREATE TABLE all_runs AS SELECT id, job_id, nominal_at FROM runs');
}

describe('pruning runs', () => {
  it('leaves no part of a run behind, and an auditor content', async () => {
    await aHistory(database, { jobs: 5, runsEach: 200, finished: true });
    await remember();
    expect(await pruneRuns(database, 37)).toBe(1_000 - 5 * 90);
    expect(await counts()).toEqual([5, 450, 450, 450, 0]);
    expect([await orphans(), await unmarked()]).toEqual([0, 0]);
    const audit = await new TypeormInvariantChecks(database).audit(new Date(0), new Date('2100-01-01'), 1_000, 5);
    expect(audit.findings.filter((finding) => finding.count > 0)).toEqual([]);
  });

  it('that is cut off at any moment has deleted a run whole, with its mark, or not at all', async () => {
    await aHistory(database, { jobs: 20, runsEach: 300, finished: true });
    await remember();
    const expected = 20 * 210;
    let gone = 0;
    for (let cut = 0; gone < expected; cut += 1) {
      const pruner = await newDataSource(services.config({ DB_POOL_SIZE: '2' })).initialize();
      const [{ pid }] = await pruner.query<[{ pid: number }]>('SELECT pg_backend_pid() AS pid');
      const pass = pruneRuns(pruner, 200).catch(() => 0);
      await sleep(cut * 7);
      await database.query('SELECT pg_terminate_backend($1)', [pid]);
      await pass;
      await pruner.destroy();
      gone = 20 * 300 - (await count('runs'));
      expect([await orphans(), await unmarked()]).toEqual([0, 0]);
    }
    expect(gone).toBe(expected);
  });

  it('goes on beside others, each run once, whatever locks they hold', async () => {
    await aHistory(database, { jobs: 20, runsEach: 200, finished: true });
    await remember();
    const [one, two, three] = await Promise.all([
      pruneRuns(database, 50),
      pruneRuns(other, 70),
      pruneRuns(database, 90),
    ]);
    const rest = await pruneRuns(database, 1_000);
    expect(one + two + three + rest).toBe(20 * 110);
    expect([await orphans(), await unmarked()]).toEqual([0, 0]);
  });

  it('lets no ledger that is read meanwhile find a gap, and hides none that is there', async () => {
    const { jobIds, userId } = await aHistory(database, { jobs: 2, runsEach: 2_000, finished: true });
    await database.query(`UPDATE runs SET nominal_at = date_trunc('milliseconds', nominal_at)`);
    await database.query(
      `UPDATE jobs j SET version_since = first.at - interval '1 ms', active_until = now(),
         schedule = jsonb_build_object('recurrencePattern', 'daily', 'timezone', 'UTC',
           'anchorAt', to_char(first.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
       FROM (SELECT job_id, min(nominal_at) AS at FROM runs GROUP BY job_id) AS first WHERE first.job_id = j.id`,
    );
    // One is missing where all is kept.
    await database.query(
      `DELETE FROM runs WHERE job_id = $1 AND nominal_at = (
         SELECT nominal_at FROM runs WHERE job_id = $1 ORDER BY nominal_at DESC OFFSET 10 LIMIT 1)`,
      [jobIds[1]],
    );
    const jobs = new TypeormJobRepository(other);
    const ledgers = new Ledgers(jobs, new TypeormRunLedger(other), new TypeormRunHistory(other), noCalendars);
    let pruning = true;
    const pass = pruneRuns(database, 20).finally(() => (pruning = false));
    const pruned: number[] = [];
    while (pruning)
      for (const [index, id] of jobIds.entries()) {
        const ledger = await ledgers.of(id, userId, new Date(0), null);
        expect(ledger).toMatchObject({ expected: 2_000, missingCount: index, unexpectedCount: 0 });
        expect(ledger.accountedFor + ledger.byOutcome.pruned).toBe(2_000 - index);
        pruned.push(ledger.byOutcome.pruned);
      }
    await pass;
    expect(new Set(pruned).size).toBeGreaterThan(3);
    expect((await ledgers.of(jobIds[0]!, userId, new Date(0), null)).byOutcome.pruned).toBe(1_910);
  });

  it('waits for nobody: a run that somebody has locked is left to the next pass', async () => {
    await aHistory(database, { jobs: 1, runsEach: 100, finished: true });
    await other.transaction(async (manager) => {
      await manager.query('SELECT FROM runs ORDER BY id LIMIT 4 FOR UPDATE');
      expect(await pruneRuns(database, 100)).toBe(6);
    });
    expect(await pruneRuns(database, 100)).toBe(4);
  });
});

describe('pruning one-time jobs', () => {
  const pruneJobs = () =>
    inTransaction((tx) => new TypeormRunHistory(database).pruneJobs(tx, ages, null, 1_000)).then(
      ({ deleted }) => deleted,
    );

  it('takes them with all their history', async () => {
    await aHistory(database, { jobs: 50, runsEach: 1, oneTime: true, ageDays: 100 });
    await aHistory(database, { jobs: 3, runsEach: 1, oneTime: true, ageDays: 89 });
    expect(await pruneJobs()).toBe(50);
    expect(await counts()).toEqual([3, 3, 3, 3, 0]);
  });

  it('leaves a job that somebody is about to trigger, and what they start', async () => {
    const { jobIds, userId } = await aHistory(database, { jobs: 1, runsEach: 1, oneTime: true, ageDays: 100 });
    const jobs = new TypeormJobRepository(database);
    await inTransaction(async (tx) => {
      expect(await jobs.lock(tx, jobIds[0]!, userId)).not.toBeNull();
      expect(await pruneJobs()).toBe(0);
    });
    await database.query(
      `INSERT INTO runs (id, job_id, nominal_at, due_at, trigger, state, ring_at, job_version)
       VALUES ($1, $2, now(), now(), 'manual', 'scheduled', now(), 1)`,
      [newId(), jobIds[0]],
    );
    expect(await pruneJobs()).toBe(0);
    expect(await count('runs')).toBe(2);
  });

  it('lets nobody start what is being pruned: who comes too late finds nothing', async () => {
    const { jobIds, userId } = await aHistory(database, { jobs: 1, runsEach: 1, oneTime: true, ageDays: 100 });
    let late: Promise<unknown> | undefined;
    await inTransaction(async (tx) => {
      const step = await new TypeormRunHistory(database).pruneJobs(tx, ages, null, 10);
      expect(step.deleted).toBe(1);
      late = inTransaction((theirs) => new TypeormJobRepository(other).lock(theirs, jobIds[0]!, userId), other);
      await eventually(
        () => count(`pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`),
        (waiting) => waiting === 1,
      );
    });
    expect(await late).toBeNull();
  });
});

describe('pruning backfills', () => {
  const backfills = () => new TypeormBackfillRepository(database);
  const range = { from: new Date('2025-01-01T00:00:00Z'), to: new Date('2025-01-02T00:00:00Z') };
  /** A backfill of the range with a run for each hour, all of which ended so many days ago. */
  async function aBackfill(jobId: string, ageDays: number): Promise<void> {
    await database.query(
      `INSERT INTO backfills (id, job_id, range_from, range_to, overlap_policy, state, schedule, job_version, total,
                              created_at, ended_at)
       SELECT $1, id, $3, $4, 'buffer_all', 'completed', schedule, 1, 24, now() - $5 * interval '1 day',
              now() - $5 * interval '1 day'
       FROM jobs WHERE id = $2`,
      [`00000000-0000-7000-8000-${String(ageDays).padStart(12, '0')}`, jobId, range.from, range.to, ageDays],
    );
    await database.query(
      `INSERT INTO runs (id, job_id, nominal_at, due_at, trigger, state, reason, ring_at, job_version, ended_at, created_at)
       SELECT gen_random_uuid(), $1, t, t, 'backfill', 'cancelled', 'backfill_cancelled', t, 1,
              now() - $4 * interval '1 day', now() - $4 * interval '1 day'
       FROM generate_series($2::timestamptz, $3::timestamptz - interval '1 hour', interval '1 hour') AS t
       ON CONFLICT DO NOTHING`,
      [jobId, range.from, range.to, ageDays],
    );
  }
  const prune = (limit: number) =>
    wholePass((after) => inTransaction((tx) => backfills().prune(tx, 90 * dayMs, after, limit)));
  const service = () => {
    const jobs = new TypeormJobRepository(database);
    const idempotency = new Idempotency(new TypeormIdempotencyStore(database));
    return new Backfills(
      backfills(),
      jobs,
      new TypeormTransactionRunner(database),
      idempotency,
      silentTrail,
      noCalendars,
      new JobViews(jobs, noCalendars),
    );
  };

  it('takes a backfill with its runs, and remembers up to when', async () => {
    const { jobIds, userId } = await aHistory(database, { jobs: 1, runsEach: 1, ageDays: 1 });
    await aBackfill(jobIds[0]!, 89);
    expect(await prune(10)).toBe(0);
    await database.query(`UPDATE backfills SET ended_at = now() - interval '91 days'`);
    await database.query(`UPDATE runs SET ended_at = now() - interval '91 days' WHERE trigger = 'backfill'`);
    expect(await prune(10)).toBe(24);
    expect([await count('backfills'), await count('runs')]).toEqual([0, 1]);
    const sender = { userId, idempotencyKey: null };
    const start = (from: string, to: string) =>
      service().start(jobIds[0]!, sender, { from: new Date(from), to: new Date(to), overlapPolicy: null });
    await expect(start('2024-12-31T00:00:00Z', '2024-12-31T10:00:00Z')).rejects.toMatchObject({
      code: 'HISTORY_PRUNED',
    });
    await expect(start('2025-01-01T23:00:00Z', '2025-01-03T00:00:00Z')).rejects.toMatchObject({
      code: 'HISTORY_PRUNED',
    });
    expect(await start('2025-01-01T23:00:00.001Z', '2025-01-02T02:00:00Z')).toMatchObject({ answer: { total: 2 } });
  });

  it('leaves what a later backfill of the same times covers, so that none of them runs twice', async () => {
    const { jobIds } = await aHistory(database, { jobs: 1, runsEach: 1, ageDays: 1 });
    await aBackfill(jobIds[0]!, 100);
    await aBackfill(jobIds[0]!, 10);
    expect(await prune(1_000)).toBe(0);
    expect([await count('backfills'), await count(`runs WHERE trigger = 'backfill'`)]).toEqual([1, 24]);
    expect(await inTransaction((tx) => backfills().prunedUntil(tx, jobIds[0]!))).toBeNull();
  });

  it('passes by a job that somebody has locked to start a backfill', async () => {
    const { jobIds, userId } = await aHistory(database, { jobs: 1, runsEach: 1, ageDays: 1 });
    await aBackfill(jobIds[0]!, 100);
    await inTransaction(async (tx) => {
      await new TypeormJobRepository(other).lock(tx, jobIds[0]!, userId);
      expect(await prune(1_000)).toBe(0);
    }, other);
    expect(await prune(1_000)).toBe(24);
  });
});

describe('pruning beside history', () => {
  it('forgets keyed answers, the oldest first, a bounded number at a time', async () => {
    const store = new TypeormIdempotencyStore(database);
    await database.query(
      `INSERT INTO idempotency_keys (user_id, route, key, fingerprint, answer, created_at)
       SELECT gen_random_uuid(), '/jobs', n::text, '', '{}', now() - n * interval '1 day' FROM generate_series(1, 10) AS n`,
    );
    expect(await store.prune(6.5 * dayMs, 3)).toBe(3);
    expect(await store.prune(6.5 * dayMs, 3)).toBe(1);
    expect(await store.prune(6.5 * dayMs, 3)).toBe(0);
    expect(await count('idempotency_keys')).toBe(6);
  });

  it('forgets records of audits, but never the last', async () => {
    const audits = new TypeormLedgerChecks(database);
    for (const day of [10, 20, 30]) {
      const at = new Date(Date.UTC(2025, 0, day));
      await audits.record({ startedAt: at, endedAt: at, jobs: 1, expected: 1, missing: 0 });
    }
    expect(await audits.prune(90 * dayMs)).toBe(2);
    expect((await audits.last())?.endedAt).toEqual(new Date('2025-01-30T00:00:00Z'));
  });
});
