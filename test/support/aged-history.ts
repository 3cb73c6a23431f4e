import type { DataSource } from 'typeorm';

export interface Aged {
  jobs: number;
  runsEach: number;
  oneTime?: boolean;
  /** Recurring jobs that have ended: age alone decides on their runs. */
  finished?: boolean;
  /** Days since the last run of each job ended; runs end a day apart, the first as many days before. */
  ageDays?: number;
  /** Whose they are; otherwise a new user's. */
  ownerId?: string;
}

/** Jobs of one owner whose runs have succeeded, at their second attempt, with a log line each, straight into the tables. */
export async function aHistory(
  database: DataSource,
  { jobs, runsEach, oneTime, finished, ageDays = 0, ownerId }: Aged,
) {
  const idOf = (time: string): string =>
    `(lpad(to_hex(floor(extract(epoch FROM ${time}) * 1000)::bigint), 12, '0') || '7' || substr(md5(random()::text), 1, 3)
      || '8' || substr(md5(random()::text), 1, 15))::uuid`;
  const userId = ownerId ?? (await anOwner(database));
  const rows = await database.query<{ id: string }[]>(
    `INSERT INTO jobs (id, user_id, name, type, handler, payload, status, scheduled_at, schedule, overlap_policy, catchup,
                       max_retries, created_at, updated_at)
     SELECT ${idOf('t.at')}, $1, 'job ' || n, $3, 'log', '{}', $4, CASE $3 WHEN 'one_time' THEN t.at END,
            CASE $3 WHEN 'recurring' THEN '{"cron": ["0 * * * *"], "timezone": "UTC"}'::jsonb END, 'skip',
            '{"mode": "latest", "windowMs": null, "max": 100}', 0, t.at, t.at
     FROM generate_series(1, $2::integer) AS n,
          (SELECT now() - ($5::integer + $6::integer) * interval '1 day' AS at) AS t
     RETURNING id`,
    [
      userId,
      jobs,
      oneTime ? 'one_time' : 'recurring',
      oneTime ? 'completed' : finished ? 'cancelled' : 'pending',
      ageDays,
      oneTime ? 0 : runsEach,
    ],
  );
  const jobIds = rows.map(({ id }) => id);
  await database.query(
    `INSERT INTO runs (id, job_id, nominal_at, due_at, trigger, state, reason, ring_at, job_version, attempts, lease_token,
                       started_at, ended_at, created_at, attempt_status, execution_started_at, gated)
     SELECT ${idOf('t.at')}, j.id, t.at, t.at, 'schedule', 'succeeded', 'completed', t.at, 1, 2, 2,
            t.at, t.at + interval '2 ms', t.at, 'succeeded', t.at + interval '2 ms', $4
     FROM unnest($1::uuid[]) AS j (id), generate_series(0, $2::integer - 1) AS n
     CROSS JOIN LATERAL (SELECT now() - ($3::integer + n) * interval '1 day' AS at) AS t`,
    [jobIds, runsEach, ageDays, !oneTime],
  );
  await database.query(
    `INSERT INTO earlier_executions (id, run_id, job_id, attempt_number, status, due_at, started_at, completed_at,
                                     lease_token)
     SELECT ${idOf('started_at')}, id, job_id, 1, 'failed', due_at, started_at, started_at + interval '1 ms', 1
     FROM runs WHERE job_id = ANY ($1::uuid[])`,
    [jobIds],
  );
  await database.query(
    `INSERT INTO log_lines (id, run_id, job_id, level, status, message, timestamp)
     SELECT ${idOf('started_at')}, id, job_id, 'info', 'running', 'hello', started_at
     FROM runs WHERE job_id = ANY ($1::uuid[])`,
    [jobIds],
  );
  return { userId, jobIds };
}

async function anOwner(database: DataSource): Promise<string> {
  const [{ id }] = await database.query<[{ id: string }]>(
    `INSERT INTO users (id, email, name, password_hash)
     VALUES (gen_random_uuid(), gen_random_uuid() || '@example.com', 'U', '-') RETURNING id`,
  );
  return id;
}
