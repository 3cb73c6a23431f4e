// node bench/recurring-jobs.mjs [--jobs 100000] [--minutes 3]
// Many recurring jobs with mixed crons on a private PostgreSQL (fsync on) and Redis: what a tick costs, how late runs start,
// and how PostgreSQL goes about the statements that do it.
import { mkdtempSync, rmSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { ensureBuilt } from '../scripts/local/build.mjs';
import { ensureDatabase, migrate } from '../scripts/local/database.mjs';
import { databaseEnvironment } from '../scripts/local/environment.mjs';
import { startPostgres } from '../scripts/local/postgres.mjs';
import { startRedis } from '../scripts/local/redis.mjs';

const { values } = parseArgs({
  options: { jobs: { type: 'string', default: '100000' }, minutes: { type: 'string', default: '3' } },
});
const jobs = Number(values.jobs);
const minutes = Number(values.minutes);
const database = 'bench';

/** Six in ten daily, one in four hourly, the rest every quarter of an hour or every five minutes; minutes spread evenly. */
const cronOf = `CASE
  WHEN n % 20 < 12 THEN format('%s %s * * *', n % 60, n / 60 % 24)
  WHEN n % 20 < 17 THEN format('%s * * * *', n % 60)
  WHEN n % 20 < 19 THEN format('%s-59/15 * * * *', n % 15)
  ELSE format('%s-59/5 * * * *', n % 5) END`;

const folder = mkdtempSync(join(tmpdir(), 'punctual-bench-'));
await ensureBuilt();
const postgres = await startPostgres({ directory: join(folder, 'postgres') });
const redis = await startRedis({ directory: folder });
let app;
try {
  await ensureDatabase(postgres, database);
  const environment = {
    ...databaseEnvironment(postgres),
    DB_DATABASE: database,
    REDIS_HOST: redis.host,
    REDIS_PORT: String(redis.port),
    JWT_SECRET: randomBytes(32).toString('base64url'),
    PORT: '0',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'warn',
  };
  await migrate(['run'], environment);
  const client = new pg.Client({ ...postgres, user: postgres.username, database });
  await client.connect();
  await insertJobs(client);
  app = spawn(process.execPath, ['dist/main.js'], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [{ url }] = await once(app, 'message');
  for (let minute = 1; minute <= minutes; minute += 1) {
    await sleep(60_000);
    console.log(`  … ${minute} of ${minutes} minutes; ${await count(client)} runs ended`);
  }
  await report(client, url);
  const { printPlans } = await import('./plans.mjs');
  await printPlans(environment);
  await client.end();
} finally {
  if (app?.exitCode === null) {
    app.kill('SIGTERM');
    await once(app, 'exit');
  }
  await redis.stop();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** Straight into the table: 100,000 submissions over HTTP are another measurement. @param {pg.Client} client */
async function insertJobs(client) {
  const user = (
    await client.query(
      `INSERT INTO users (id, email, name, password_hash) VALUES (gen_random_uuid(), 'bench@example.com', 'Bench', '-')
       RETURNING id`,
    )
  ).rows[0].id;
  await client.query(
    `INSERT INTO jobs (id, user_id, name, type, handler, payload, status, schedule, overlap_policy, catchup, max_retries,
                       next_run_at)
     SELECT gen_random_uuid(), $1, 'job ' || n, 'recurring', 'log', '{}', 'pending',
            jsonb_build_object('cron', jsonb_build_array(${cronOf}), 'timezone',
                               (ARRAY['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata'])[n % 4 + 1]),
            'skip', '{"mode": "latest", "windowMs": null, "max": 100}', 0,
            now()
     FROM generate_series(1, $2) AS n`,
    [user, jobs],
  );
  await client.query('ANALYZE');
  console.log(`${jobs} recurring jobs inserted`);
}

/** @param {pg.Client} client */
async function count(client) {
  return (await client.query(`SELECT count(*) FROM runs WHERE ended_at IS NOT NULL`)).rows[0].count;
}

/**
 * @param {pg.Client} client
 * @param {string} url
 */
async function report(client, url) {
  const text = await (await fetch(`${url}/metrics`)).text();
  const metric = (/** @type {string} */ name) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? NaN);
  const ticks = metric('scheduler_tick_seconds_count');
  const planned = metric('scheduler_planned_jobs_total');
  const { rows } = await client.query(
    `SELECT state, count(*)::integer AS runs FROM runs GROUP BY state ORDER BY 2 DESC`,
  );
  const late = (
    await client.query(
      `SELECT percentile_cont(ARRAY[0.5, 0.99, 1.0]) WITHIN GROUP (ORDER BY extract(epoch FROM started_at - due_at) * 1000)
              AS ms FROM executions`,
    )
  ).rows[0].ms;
  console.table(rows);
  console.log(`ticks with work: ${ticks}; jobs planned: ${planned}`);
  console.log(
    `a tick: ${((metric('scheduler_tick_seconds_sum') / ticks) * 1000).toFixed(1)} ms on average, ` +
      `${((metric('scheduler_tick_seconds_sum') / planned) * 1e6).toFixed(0)} µs a job`,
  );
  console.log(
    `lateness, due to handler start: p50 ${late?.[0]?.toFixed(0)}, p99 ${late?.[1]?.toFixed(0)}, max ${late?.[2]?.toFixed(0)} ms`,
  );
}
