import type { DataSource, EntityManager } from 'typeorm';

/** What {@link fillWithHistory} has put there to ask for. */
export interface History {
  /** A recurring job with most of the runs, attempts and lines. */
  busyJob: string;
  /** A one-time job whose time is far, one that has failed and one that succeeded. */
  farJob: string;
  failedJob: string;
  doneJob: string;
}

const runsOfBusyJob = 12_000;

/**
 * Jobs of many owners, most of them `userId`'s, most of them long ended; each with its runs, attempts and lines. Large enough
 * for the planner to go about it as it would in an installation that has run for months.
 */
export async function fillWithHistory(source: DataSource, userId: string): Promise<History> {
  const connection = source.createQueryRunner();
  try {
    // The tests' server commits asynchronously: to VACUUM, what may not have been written out is not yet visible to all.
    await connection.query('SET synchronous_commit = on');
    return await fill(connection.manager, userId);
  } finally {
    await connection.release();
  }
}

async function fill(database: EntityManager, userId: string): Promise<History> {
  await database.query(
    `INSERT INTO users (id, email, name, password_hash)
     SELECT gen_random_uuid(), 'u' || n || '@example.com', 'U', '-' FROM generate_series(1, 3000) AS n`,
  );
  // Two in three belong to one owner; of a hundred jobs 70 have succeeded, 20 are far ahead, 6 recur, 4 ended badly or pause.
  await database.query(
    `INSERT INTO jobs (id, user_id, name, type, handler, payload, status, scheduled_at, schedule, overlap_policy, catchup,
                       max_retries, next_run_at, created_at)
     SELECT uuidv7(make_interval(secs => n - 30000)), CASE WHEN n % 3 = 0 THEN others.id ELSE $1 END, 'job ' || n,
            CASE WHEN n % 100 < 6 THEN 'recurring' ELSE 'one_time' END,
            CASE WHEN n % 1000 = 7 THEN 'http' ELSE 'log' END, '{}',
            CASE WHEN n % 100 < 26 THEN 'pending' WHEN n % 100 = 96 THEN 'failed' WHEN n % 100 = 97 THEN 'cancelled'
                 WHEN n % 100 > 97 THEN 'paused' ELSE 'completed' END,
            CASE WHEN n % 100 >= 6 THEN now() + (CASE WHEN n % 100 < 26 OR n % 100 > 97 THEN n ELSE n - 40000 END) * interval '1 minute' END,
            CASE WHEN n % 100 < 6 THEN '{"cron": ["0 0 1 1 *"], "timezone": "UTC"}'::jsonb END,
            'skip', '{"mode": "latest", "windowMs": null, "max": 100}', 3,
            CASE WHEN n % 100 < 6 THEN now() + n * interval '1 minute' + interval '1 hour' END,
            now() + (n - 30000) * interval '1 second'
     FROM generate_series(1, 30000) AS n
     JOIN (SELECT id, row_number() OVER () AS place FROM users WHERE password_hash = '-') AS others
       ON others.place = n % 3000 + 1`,
    [userId],
  );
  await database.query(
    `INSERT INTO runs (id, job_id, nominal_at, due_at, trigger, state, reason, ring_at, job_version, attempts, lease_token,
                       started_at, ended_at, created_at, attempt_status, execution_started_at, gated)
     SELECT uuidv7(created_at - now()), id, coalesce(scheduled_at, next_run_at), coalesce(scheduled_at, next_run_at), 'schedule',
            s.state, CASE WHEN s.ended THEN s.state END, coalesce(scheduled_at, next_run_at) - interval '1 minute', 1,
            s.ended::integer, s.ended::integer, CASE WHEN s.ended THEN scheduled_at END,
            CASE WHEN s.ended THEN scheduled_at END, created_at,
            CASE s.state WHEN 'succeeded' THEN 'succeeded' WHEN 'scheduled' THEN NULL ELSE 'failed' END,
            CASE WHEN s.ended THEN scheduled_at END, type = 'recurring'
     FROM jobs CROSS JOIN LATERAL (
       SELECT CASE status WHEN 'completed' THEN 'succeeded' WHEN 'failed' THEN 'failed' WHEN 'cancelled' THEN 'cancelled'
                          ELSE 'scheduled' END AS state, status NOT IN ('pending', 'paused') AS ended) AS s`,
  );
  const [busy] = await database.query<[{ id: string }]>(
    `SELECT id FROM jobs WHERE user_id = $1 AND type = 'recurring' ORDER BY id LIMIT 1`,
    [userId],
  );
  await database.query(
    `INSERT INTO runs (id, job_id, nominal_at, due_at, trigger, state, reason, ring_at, job_version, attempts, lease_token,
                       started_at, ended_at, created_at, attempt_status, execution_started_at, gated)
     SELECT uuidv7(t.at - now()), $1, t.at, t.at, 'schedule', t.state, t.state, t.at, 1, 2, 2, t.at - interval '10 s',
            t.at + interval '1 s', t.at, t.state, t.at, true
     FROM generate_series(1, $2::integer) AS n CROSS JOIN LATERAL (
       SELECT now() - n * interval '1 minute' AS at,
              CASE WHEN n % 200 = 0 THEN 'failed' ELSE 'succeeded' END AS state) AS t`,
    [busy.id, runsOfBusyJob],
  );
  await database.query(
    `INSERT INTO earlier_executions (id, run_id, job_id, attempt_number, status, due_at, started_at, completed_at, lease_token,
                                     worker_id)
     SELECT uuidv7(started_at - now()), id, job_id, 1, 'failed', due_at, started_at, started_at, 1, 'w'
     FROM runs WHERE attempts = 2`,
  );
  await database.query(
    `INSERT INTO log_lines (id, run_id, job_id, timestamp, level, status, message)
     SELECT uuidv7(started_at - now()), id, job_id, started_at, 'info', 'running', 'hello'
     FROM runs WHERE started_at IS NOT NULL`,
  );
  await database.query(
    `INSERT INTO idempotency_keys (user_id, route, key, fingerprint, answer)
     SELECT $1, 'POST /jobs', 'key ' || n, '-', '[]' FROM generate_series(1, 3000) AS n`,
    [userId],
  );
  await database.query('VACUUM ANALYZE');
  const one = async (status: string): Promise<string> =>
    (
      await database.query<[{ id: string }]>(
        `SELECT id FROM jobs WHERE user_id = $1 AND status = $2 AND type = 'one_time' ORDER BY id DESC LIMIT 1`,
        [userId, status],
      )
    )[0].id;
  return {
    busyJob: busy.id,
    farJob: await one('pending'),
    failedJob: await one('failed'),
    doneJob: await one('completed'),
  };
}
