// node bench/product/retention.mjs [--runs 200000] [--batch 1000]
// How fast old history goes: runs of recurring jobs, and one-time jobs with theirs, among as many that are young, on a
// private PostgreSQL (fsync on), by the program's own pruner with its own pauses.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../../scripts/local/build.mjs';
import { ensureDatabase, migrate } from '../../scripts/local/database.mjs';
import { databaseEnvironment, enterProject } from '../../scripts/local/environment.mjs';
import { startPostgres } from '../../scripts/local/postgres.mjs';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '200000' }, batch: { type: 'string', default: '1000' } },
});
const runs = Number(values.runs);
const database = 'bench';
const runsOfAJob = 2_000;

enterProject();
await ensureBuilt();
const { readConfig } = await import('../../dist/config/config.js');
const { newDataSource } = await import('../../dist/database/data-source.js');
const { TypeormTransactionRunner } = await import('../../dist/database/typeorm-transaction-runner.js');
const { SystemClock } = await import('../../dist/kernel/clock.js');
const { Prunables } = await import('../../dist/kernel/retention.js');
const { Pruner } = await import('../../dist/retention/services/pruner.js');
const { TypeormBackfillRepository } = await import('../../dist/runs/repositories/typeorm-backfill.repository.js');
const { TypeormLedgerAudits } = await import('../../dist/runs/repositories/typeorm-ledger-audits.js');
const { TypeormRunHistory } = await import('../../dist/runs/repositories/typeorm-run-history.js');
const { RunRetention } = await import('../../dist/runs/services/run-retention.js');

const folder = mkdtempSync(join(tmpdir(), 'punctual-bench-'));
const postgres = await startPostgres({ directory: join(folder, 'postgres') });
try {
  await ensureDatabase(postgres, database);
  const environment = {
    ...databaseEnvironment(postgres),
    DB_DATABASE: database,
    JWT_SECRET: randomBytes(32).toString('base64url'),
    RETENTION_BATCH_SIZE: values.batch,
  };
  await migrate(['run'], environment);
  const config = readConfig(environment);
  const source = await newDataSource({
    ...config,
    database: { ...config.database, statementTimeoutMs: 600_000, silenceMs: 660_000 },
  }).initialize();
  await fill(source);
  await measure(source, config);
  await source.destroy();
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}

/**
 * Half of the runs belong to recurring jobs, half to a one-time job each; half of either ended 100 days ago or more, in
 * the order in which they were made. Each has an execution and a log line.
 *
 * @param {import('typeorm').DataSource} source
 */
async function fill(source) {
  const idOf = `(lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(random()::text), 1, 3)
                 || '8' || substr(md5(random()::text), 1, 15))::uuid`;
  const half = runs / 2;
  const times = `SELECT n, now() - (CASE WHEN n < $1 / 2 THEN 200 ELSE 80 END - 100.0 * (n % ($1 / 2)) / $1) * interval '1 day' AS at
                 FROM generate_series(0, $1::integer - 1) AS n`;
  const [{ id: owner }] = await source.query(
    `INSERT INTO users (id, email, name, password_hash) VALUES (gen_random_uuid(), 'bench@example.com', 'Bench', '-')
     RETURNING id`,
  );
  const newJobs = `INSERT INTO jobs (id, user_id, name, type, handler, payload, status, scheduled_at, schedule, overlap_policy,
                                     catchup, max_retries, created_at, updated_at, next_run_at)`;
  await source.query(
    `${newJobs}
     SELECT gen_random_uuid(), $1, 'job ' || n, 'recurring', 'log', '{}', 'pending', NULL,
            '{"cron": ["* * * * *"], "timezone": "UTC"}', 'skip', '{"mode": "latest", "windowMs": null, "max": 100}', 0,
            now() - interval '300 days', now(), now()
     FROM generate_series(1, $2::integer) AS n`,
    [owner, Math.max(1, Math.round(half / runsOfAJob))],
  );
  await source.query(
    `${newJobs}
     SELECT ${idOf}, $2, 'once ' || n, 'one_time', 'log', '{}', 'completed', at, NULL, 'skip',
            '{"mode": "latest", "windowMs": null, "max": 100}', 0, at, at, NULL
     FROM (${times}) AS t`,
    [half, owner],
  );
  const newRuns = `INSERT INTO runs (id, job_id, nominal_at, due_at, trigger, state, reason, ring_at, job_version, attempts,
                                     lease_token, started_at, ended_at, created_at)`;
  const ended = `at, at, 'schedule', 'succeeded', 'completed', at, 1, 1, 1, at, at, at`;
  await source.query(
    `${newRuns}
     SELECT ${idOf}, j.id, ${ended}
     FROM (${times}) AS t
     JOIN (SELECT id, row_number() OVER () - 1 AS place, count(*) OVER () AS jobs FROM jobs WHERE type = 'recurring') AS j
       ON j.place = t.n % j.jobs
     ORDER BY at`,
    [half],
  );
  await source.query(
    `${newRuns} SELECT ${idOf}, id, ${ended} FROM (SELECT id, created_at AS at FROM jobs WHERE type = 'one_time') AS j ORDER BY at`,
  );
  await source.query(
    `INSERT INTO executions (id, run_id, job_id, attempt_number, status, due_at, started_at, completed_at, lease_token)
     SELECT ${idOf}, id, job_id, 1, 'succeeded', at, at, at, 1 FROM (SELECT *, created_at AS at FROM runs) AS r ORDER BY at`,
  );
  await source.query(
    `INSERT INTO log_lines (id, run_id, job_id, level, status, message, timestamp)
     SELECT ${idOf}, id, job_id, 'info', 'running', 'hello', at FROM (SELECT *, created_at AS at FROM runs) AS r ORDER BY at`,
  );
  await source.query('VACUUM (ANALYZE)');
  await source.query('CHECKPOINT');
}

/**
 * @param {import('typeorm').DataSource} source
 * @param {import('../../dist/config/config.js').Config} config
 */
async function measure(source, config) {
  const prunables = new Prunables();
  new RunRetention(
    prunables,
    config,
    new TypeormTransactionRunner(source),
    new TypeormRunHistory(source),
    new TypeormBackfillRepository(source),
    new TypeormLedgerAudits(source),
  );
  /** @type {Map<string, { rows: number, stepsMs: number[] }>} */
  const seen = new Map();
  const metrics = {
    pruned: (what, rows, durationMs) => {
      const sum = seen.get(what) ?? { rows: 0, stepsMs: [] };
      sum.rows += rows;
      sum.stepsMs.push(durationMs);
      seen.set(what, sum);
    },
  };
  const walPosition = async () => (await source.query('SELECT pg_current_wal_lsn() AS at'))[0].at;
  const before = await walPosition();
  const startedMs = performance.now();
  await new Pruner(prunables, metrics, new SystemClock(), config).prune();
  const seconds = (performance.now() - startedMs) / 1_000;
  const [{ bytes }] = await source.query('SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), $1)::float8 AS bytes', [before]);
  const [{ left }] = await source.query('SELECT count(*)::integer AS left FROM runs');
  console.table(
    [...seen]
      .filter(([, { rows }]) => rows > 0)
      .map(([what, { rows, stepsMs }]) => ({
        what,
        gone: rows,
        'a second of work': Math.round(rows / (stepsMs.reduce((sum, ms) => sum + ms, 0) / 1_000)),
        'step p50 ms': Math.round(quantile(stepsMs, 0.5)),
        'step p99 ms': Math.round(quantile(stepsMs, 0.99)),
        'step max ms': Math.round(Math.max(...stepsMs)),
      })),
  );
  const gone = runs - left;
  console.log(
    `${gone} of ${runs} runs are gone in ${seconds.toFixed(1)} s with pauses: ${Math.round(gone / seconds)} a second; ` +
      `${Math.round(bytes / gone)} bytes of WAL a run`,
  );
}

/** @param {number[]} sample @param {number} share */
function quantile(sample, share) {
  const sorted = sample.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? NaN;
}
