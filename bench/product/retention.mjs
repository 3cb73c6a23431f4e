import { compiled } from '../frame/compiled.mjs';
import { percentile } from '../frame/statistics.mjs';
import { environmentFor, makeTables } from '../subjects/support/punctual.mjs';

const runsOfAJob = 2_000;

/**
 * Runs of recurring jobs, and one-time jobs with theirs, among as many that are young, by the program's own pruner with its
 * own pauses.
 *
 * @type {import('../subject.d.ts').Scenario}
 */
export const scenario = {
  name: 'retention',
  title: 'Retention: how fast old history goes',
  seconds: 45,
  async run(services, { quick, say }) {
    const environment = environmentFor(services, { RETENTION_BATCH_SIZE: '1000' });
    await makeTables(environment);
    const { readConfig } = await compiled('config/config.js');
    const { newDataSource } = await compiled('database/data-source.js');
    const config = readConfig(environment);
    const { database } = config;
    const patient = { ...config, database: { ...database, statementTimeoutMs: 600_000, silenceMs: 660_000 } };
    const source = await newDataSource(patient).initialize();
    try {
      const runs = quick ? 20_000 : 200_000;
      await fill(source, runs);
      say(`${runs.toLocaleString('en')} runs are there`);
      return [await measure(source, config, runs)];
    } finally {
      await source.destroy();
    }
  },
};

/**
 * Half of the runs belong to recurring jobs, half to a one-time job each; half of either ended 100 days ago or more, in
 * the order in which they were made. Each has one attempt and a log line.
 *
 * @param {import('typeorm').DataSource} source
 * @param {number} runs
 */
async function fill(source, runs) {
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
                                     lease_token, started_at, ended_at, created_at, attempt_status, execution_started_at)`;
  const ended = `at, at, 'schedule', 'succeeded', 'completed', at, 1, 1, 1, at, at, at, 'succeeded', at`;
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
    `INSERT INTO log_lines (id, run_id, job_id, level, status, message, timestamp)
     SELECT ${idOf}, id, job_id, 'info', 'running', 'hello', at FROM (SELECT *, created_at AS at FROM runs) AS r ORDER BY at`,
  );
  await source.query('VACUUM (ANALYZE)');
  await source.query('CHECKPOINT');
}

/**
 * @param {import('typeorm').DataSource} source
 * @param {import('../../src/config/config.js').Config} config
 * @param {number} runs that there are
 * @returns {Promise<import('../subject.d.ts').Table>}
 */
async function measure(source, config, runs) {
  const [{ TypeormTransactionRunner }, { SystemClock }, { Prunables }, { Pruner }, { RunRetention }, repositories] =
    await Promise.all([
      compiled('database/typeorm-transaction-runner.js'),
      compiled('kernel/clock.js'),
      compiled('kernel/retention.js'),
      compiled('retention/services/pruner.js'),
      compiled('runs/services/run-retention.js'),
      runRepositories(source),
    ]);
  const prunables = new Prunables();
  new RunRetention(prunables, config, new TypeormTransactionRunner(source), ...repositories);
  /** @type {Map<string, { rows: number, stepsMs: number[] }>} */
  const seen = new Map();
  const metrics = {
    pruned: (/** @type {string} */ what, /** @type {number} */ rows, /** @type {number} */ durationMs) => {
      const sum = seen.get(what) ?? { rows: 0, stepsMs: [] };
      sum.rows += rows;
      sum.stepsMs.push(durationMs);
      seen.set(what, sum);
    },
  };
  const [{ at }] = await source.query('SELECT pg_current_wal_lsn() AS at');
  const startedMs = performance.now();
  await new Pruner(prunables, metrics, new SystemClock(), config).prune();
  const seconds = (performance.now() - startedMs) / 1_000;
  const [{ bytes }] = await source.query('SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), $1)::float8 AS bytes', [at]);
  const [{ left }] = await source.query('SELECT count(*)::integer AS left FROM runs');
  const gone = runs - left;
  return {
    title: `Retention: ${gone.toLocaleString('en')} of ${runs.toLocaleString('en')} runs are old`,
    columns: ['what', 'gone', 'a second of work', 'step p50, ms', 'step p99, ms', 'step max, ms'],
    rows: [...seen]
      .filter(([, { rows }]) => rows > 0)
      .map(([what, { rows, stepsMs }]) => [
        what,
        rows,
        Math.round(rows / (stepsMs.reduce((sum, ms) => sum + ms, 0) / 1_000)),
        ...[0.5, 0.99, 1].map((share) => percentile(stepsMs, share)),
      ]),
    note: `With its pauses ${Math.round(gone / seconds).toLocaleString('en')} runs a second, ${Math.round(bytes / gone)} bytes of WAL a run.`,
  };
}

/** @param {import('typeorm').DataSource} source */
async function runRepositories(source) {
  const [{ TypeormRunHistory }, { TypeormBackfillRepository }, { TypeormLedgerAudits }] = await Promise.all([
    compiled('runs/repositories/typeorm-run-history.js'),
    compiled('runs/repositories/typeorm-backfill.repository.js'),
    compiled('runs/repositories/typeorm-ledger-audits.js'),
  ]);
  return /** @type {const} */ ([
    new TypeormRunHistory(source),
    new TypeormBackfillRepository(source),
    new TypeormLedgerAudits(source),
  ]);
}
