import { setTimeout as sleep } from 'node:timers/promises';
import { connectTo } from '../subjects/support/postgres.mjs';
import { environmentFor, makeTables, register, startProgram } from '../subjects/support/punctual.mjs';
import { ApiClient } from './support/client.mjs';
import { copyRow } from './support/rows.mjs';

const minuteMs = 60_000;

/** Six in ten daily, one in four hourly, the rest every quarter of an hour or every five minutes; minutes spread evenly. */
const cronOf = `CASE
  WHEN n % 20 < 12 THEN format('%s %s * * *', n % 60, n / 60 % 24)
  WHEN n % 20 < 17 THEN format('%s * * * *', n % 60)
  WHEN n % 20 < 19 THEN format('%s-59/15 * * * *', n % 15)
  ELSE format('%s-59/5 * * * *', n % 5) END`;
const zoneOf = `(ARRAY['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata'])[n % 4 + 1]`;

/**
 * Many recurring jobs with mixed crons: what planning them costs, and how late their runs start at each full minute.
 *
 * @type {import('../subject.d.ts').Scenario}
 */
export const scenario = {
  name: 'recurring',
  title: 'Many recurring jobs',
  seconds: 170,
  async run(services, { quick, say }) {
    const jobs = quick ? 5_000 : 100_000;
    const minutes = quick ? 1 : 2;
    const environment = environmentFor(services);
    await makeTables(environment);
    const client = await connectTo(services.postgres);
    try {
      await insertJobs(client, environment, jobs);
      say(`${jobs.toLocaleString('en')} recurring jobs are there`);
      const program = await startProgram(environment);
      try {
        await sleep(minuteMs * minutes);
        const metrics = await (await fetch(`${program.origin}/metrics`)).text();
        return [await report(client, metrics, jobs, minutes)];
      } finally {
        await program.stop();
      }
    } finally {
      await client.end();
    }
  },
};

/**
 * @param {import('pg').Client} client
 * @param {Record<string, string>} environment
 * @param {number} jobs
 */
async function insertJobs(client, environment, jobs) {
  const program = await startProgram({ ...environment, ROLES: 'api' });
  const { token } = await register(program.origin);
  const api = new ApiClient(program.origin, token);
  const { id } = await api.ask('/jobs', {
    ...{ name: 'bench', type: 'recurring', cron: '0 0 1 1 *', handler: 'log', payload: { message: 'x' } },
  });
  await api.close();
  await program.stop();
  await client.query(`CREATE UNLOGGED TABLE seeds AS SELECT n, uuidv7() AS id FROM generate_series(1, ${jobs}) AS n`);
  await copyRow(client, 'jobs', `id = '${id}'`, 'seeds', {
    ...{ id: 'id', name: `'job ' || n`, next_run_at: 'now()', planned_count: '0' },
    schedule: `jsonb_build_object('cron', jsonb_build_array(${cronOf}), 'timezone', ${zoneOf})`,
  });
  await client.query('DROP TABLE seeds');
  await client.query('VACUUM (ANALYZE)');
  await client.query('CHECKPOINT');
}

/**
 * @param {import('pg').Client} client
 * @param {string} metrics as Prometheus reads them
 * @param {number} jobs
 * @param {number} minutes
 * @returns {Promise<import('../subject.d.ts').Table>}
 */
async function report(client, metrics, jobs, minutes) {
  const metric = (/** @type {string} */ name) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1] ?? NaN);
  const seconds = metric('scheduler_tick_seconds_sum');
  const { rows } = await client.query(
    `SELECT count(*)::integer AS attempts,
            percentile_cont(ARRAY[0.5, 0.99, 1.0]) WITHIN GROUP (ORDER BY extract(epoch FROM started_at - due_at) * 1000) AS ms
     FROM executions`,
  );
  const [{ attempts, ms }] = rows;
  return {
    title: `${jobs.toLocaleString('en')} recurring jobs, ${minutes} minutes`,
    columns: ['figure', ''],
    rows: [
      ['jobs planned', metric('scheduler_planned_jobs_total')],
      ['a round of the ticker that had work, ms', (seconds / metric('scheduler_tick_seconds_count')) * 1_000],
      ['of that, for each job planned, µs', (seconds / metric('scheduler_planned_jobs_total')) * 1e6],
      ['runs started', attempts],
      ...['p50', 'p99', 'max'].map((name, index) => [`lateness of these, ${name}, ms`, Number(ms?.[index] ?? NaN)]),
    ].map(([name, value]) => [name ?? '', Number.isFinite(value) ? (value ?? '') : '–']),
    note: 'All of them are planned once in the first seconds. Lateness is from due to the attempt’s start, by the database’s clock.',
  };
}
