import { compiled } from '../../frame/compiled.mjs';

const runsOfAJob = 2_000;

/**
 * @param {import('../../../src/config/config.js').Config} config
 * @returns {Promise<import('typeorm').DataSource>} whose statements may take as long as it takes to fill tables
 */
export async function patientSource(config) {
  const { newDataSource } = await compiled('data-source.js');
  const patient = { ...config.database, statementTimeoutMs: 600_000, silenceMs: 660_000 };
  return newDataSource({ ...config, database: patient }).initialize();
}

/**
 * Half of the runs belong to recurring jobs, half to a one-time job each; half of either ended 100 days ago or more, in
 * the order in which they were made. Each has one attempt and a log line.
 *
 * @param {import('typeorm').DataSource} source
 * @param {number} runs
 */
export async function fillWithOldHistory(source, runs) {
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
                                     lease_token, started_at, ended_at, created_at, attempt_status, execution_started_at, gated)`;
  const ended = `at, at, 'schedule', 'succeeded', 'completed', at, 1, 1, 1, at, at, at, 'succeeded', at`;
  await source.query(
    `${newRuns}
     SELECT ${idOf}, j.id, ${ended}, true
     FROM (${times}) AS t
     JOIN (SELECT id, row_number() OVER () - 1 AS place, count(*) OVER () AS jobs FROM jobs WHERE type = 'recurring') AS j
       ON j.place = t.n % j.jobs
     ORDER BY at`,
    [half],
  );
  await source.query(
    `${newRuns} SELECT ${idOf}, id, ${ended}, false FROM (SELECT id, created_at AS at FROM jobs WHERE type = 'one_time') AS j ORDER BY at`,
  );
  await source.query(
    `INSERT INTO log_lines (id, run_id, job_id, level, status, message, timestamp)
     SELECT ${idOf}, id, job_id, 'info', 'running', 'hello', at FROM (SELECT *, created_at AS at FROM runs) AS r ORDER BY at`,
  );
  await source.query('VACUUM (ANALYZE)');
  await source.query('CHECKPOINT');
}
