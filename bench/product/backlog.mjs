import { setTimeout as sleep } from 'node:timers/promises';
import { httpLoad } from '../subjects/support/http-load.mjs';
import { hourMs } from '../subjects/support/paced.mjs';
import { connectTo } from '../subjects/support/postgres.mjs';
import { environmentFor, makeTables, register, startProgram } from '../subjects/support/punctual.mjs';
import { cpuSeconds } from '../frame/cpu.mjs';
import { percentile } from '../frame/statistics.mjs';
import { compiled } from '../frame/compiled.mjs';
import { ApiClient, eventually, redisMb, residentMb } from './support/client.mjs';
import { copyRow } from './support/rows.mjs';

/** @typedef {import('../subject.d.ts').Services} Services */
/** @typedef {{ client: import('pg').Client, environment: Record<string, string>, services: Services, token: string, quick: boolean, meter: import('../subject.d.ts').Meter }} Ground */

const logJob = { name: 'bench', type: 'one_time', handler: 'log', payload: { message: 'x' } };
const dayMs = 86_400_000;
/** One alone may take twice as long as the next, beside however many: a median of a few does not. */
const bursts = 5;

/**
 * Does anything get slower, or larger, while ever more jobs wait for their time?
 *
 * @type {import('../subject.d.ts').Scenario}
 */
export const scenario = {
  name: 'backlog',
  title: 'Backlog: what many future runs cost',
  seconds: 190,
  async run(services, { quick, meter, say }) {
    const sizes = quick ? [1_000, 10_000] : [10_000, 100_000, 1_000_000];
    const environment = environmentFor(services);
    await makeTables(environment);
    const client = await connectTo(services.postgres);
    try {
      const token = await aUserWithOneJob(environment);
      /** @type {Map<string, number[]>} */
      const figures = new Map();
      let there = 1;
      for (const size of sizes) {
        await grow(client, size - there);
        there = size;
        say(`${size.toLocaleString('en')} runs wait`);
        for (const [name, figure] of await measure({ client, environment, services, token, quick, meter })) {
          figures.set(name, [...(figures.get(name) ?? []), figure]);
        }
      }
      return [tableOf(sizes, figures)];
    } finally {
      await client.end();
    }
  },
};

/** @param {Record<string, string>} environment */
async function aUserWithOneJob(environment) {
  const program = await startProgram({ ...environment, ROLES: 'api' });
  const { token } = await register(program.origin);
  const api = new ApiClient(program.origin, token);
  await api.ask('/jobs', { ...logJob, scheduledAt: new Date(Date.now() + 30 * dayMs).toISOString() });
  await api.close();
  await program.stop();
  return token;
}

/**
 * Copies the job, and its run, to times from one to thirty days ahead.
 *
 * @param {import('pg').Client} client
 * @param {number} count
 */
async function grow(client, count) {
  await client.query('DROP TABLE IF EXISTS seeds');
  await client.query(
    `CREATE UNLOGGED TABLE seeds AS
     SELECT uuidv7() AS job_id, uuidv7() AS run_id, now() + interval '1 day' + random() * interval '29 days' AS at
     FROM generate_series(1, ${count})`,
  );
  const created = { created_at: 'now()', updated_at: 'now()', version_since: 'now()' };
  await copyRow(client, 'jobs', 'true', 'seeds', { ...created, id: 'job_id', scheduled_at: 'at' });
  await copyRow(client, 'runs', 'true', 'seeds', {
    ...{ id: 'run_id', job_id: 'job_id', nominal_at: 'at', due_at: 'at', created_at: 'now()' },
    ring_at: `at - interval '1 minute'`,
  });
  await client.query('VACUUM (ANALYZE)');
  await client.query('CHECKPOINT');
}

/**
 * @param {Ground} ground
 * @returns {Promise<[string, number][]>} figures of which less is better
 */
async function measure(ground) {
  const { services, environment, token, quick } = ground;
  const duties = await dutiesMs(ground);
  const program = await startProgram(environment);
  const api = new ApiClient(program.origin, token);
  try {
    const times = quick ? 30 : 200;
    const submission = await submissionMs(program.origin, ground);
    const lists = [];
    for (const path of ['/jobs', '/jobs?status=pending', '/jobs?status=running', '/jobs?type=one_time'])
      lists.push(/** @type {[string, number]} */ ([`GET ${path}, p50, ms`, (await api.time(path, times)).p50]));
    const drained = await drains(api, ground);
    return [
      ['a submission over HTTP, ms', submission],
      ...duties,
      ...drained,
      ...lists,
      ['memory of the process, MB', residentMb(program.pid)],
      ['memory of Redis, MB', await redisMb(services.redis)],
    ];
  } finally {
    await api.close();
    await program.stop();
  }
}

/**
 * The statements of the ticker, of the bell ringer and of the recoverer, as the program sends them, when there is nothing to do.
 *
 * @param {Ground} ground
 * @returns {Promise<[string, number][]>}
 */
async function dutiesMs({ environment, quick }) {
  const { readConfig } = await compiled('config/config.js');
  const { newDataSource } = await compiled('data-source.js');
  const { TypeormJobPlans } = await compiled('jobs/repositories/typeorm-job-plans.js');
  const { TypeormOwedDoorbells } = await compiled('runs/dispatch/repositories/typeorm-owed-doorbells.js');
  const { TypeormRunLeases } = await compiled('runs/execution/repositories/typeorm-run-leases.js');
  const config = readConfig(environment);
  const source = await newDataSource(config).initialize();
  try {
    const plans = new TypeormJobPlans(source);
    const rings = new TypeormOwedDoorbells(source, config);
    const leases = new TypeormRunLeases(source, config, { query: () => Promise.resolve([]) });
    const { horizonMs, batchSize } = config.engine;
    const times = quick ? 30 : 300;
    return [
      [
        'a tick with nothing to plan, ms',
        await medianMs(times, () =>
          source.transaction((/** @type {unknown} */ tx) => plans.lockDue(tx, horizonMs, batchSize)),
        ),
      ],
      ['a look for owed doorbells, ms', await medianMs(times, () => rings.takeOwed(batchSize))],
      ['a look for dead workers, ms', await medianMs(times, () => leases.findExpired(batchSize))],
    ];
  } finally {
    await source.destroy();
  }
}

/**
 * @param {number} times
 * @param {() => Promise<unknown>} work
 */
async function medianMs(times, work) {
  const taken = [];
  for (let round = 0; round < times; round += 1) {
    const began = performance.now();
    await work();
    taken.push(performance.now() - began);
  }
  return percentile(taken, 0.5);
}

/**
 * @param {string} origin
 * @param {Ground} ground
 * @returns {Promise<number>} of one, with 32 connections at work
 */
async function submissionMs(origin, { token, quick, meter }) {
  const requests = quick ? 200 : 3_000;
  const body = JSON.stringify({ ...logJob, scheduledAt: new Date(Date.now() + hourMs).toISOString() });
  const load = { origin, path: '/jobs', token, body: () => body, connections: 32, expected: 201, meter };
  return (await httpLoad({ ...load, requests })) / requests;
}

/**
 * Claimed, run, settled and recorded beside the backlog, a burst after the other. PostgreSQL's CPU time tells what the backlog costs
 * when the machine is too busy for the rest to.
 *
 * @param {ApiClient} api
 * @param {Ground} ground
 * @returns {Promise<[string, number][]>}
 */
async function drains(api, { client, quick }) {
  const count = quick ? 1_000 : 5_000;
  const { rows } = await client.query(`SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::integer AS pid`);
  const ms = [];
  const cpuUs = [];
  for (let burst = 0; burst < bursts; burst += 1) {
    const figures = await drain(api, client, count, rows[0].pid);
    ms.push(figures.ms);
    cpuUs.push(figures.cpuUs);
  }
  return [
    [`${count.toLocaleString('en')} jobs from due to recorded, ms, median of ${bursts}`, percentile(ms, 0.5)],
    ['of that, CPU time of PostgreSQL a job, µs', percentile(cpuUs, 0.5)],
  ];
}

/**
 * @param {ApiClient} api
 * @param {import('pg').Client} client
 * @param {number} count
 * @param {number} postgres pid
 * @returns {Promise<{ ms: number, cpuUs: number }>} from when they are due until all are recorded, and CPU time a job; NaN where the
 *   system does not tell
 */
async function drain(api, client, count, postgres) {
  const before = (await client.query('SELECT uuidv7() AS id')).rows[0].id; // its newer ones are found by the primary key
  const dueMs = Date.now() + 3_000;
  const scheduledAt = new Date(dueMs).toISOString();
  for (let done = 0; done < count; done += 1_000)
    await api.ask('/jobs/bulk', { jobs: Array.from({ length: 1_000 }, () => ({ ...logJob, scheduledAt })) });
  const left = dueMs - 200 - Date.now();
  if (left < 0) throw new Error('The jobs were due before they were submitted.');
  await sleep(left);
  const usedBefore = cpuSeconds([postgres]) ?? NaN;
  const ended = 'FROM runs WHERE id > $2 AND due_at = $1 AND ended_at IS NOT NULL';
  await eventually(
    async () =>
      (await client.query(`SELECT count(*)::integer AS n ${ended}`, [scheduledAt, before])).rows[0].n === count,
    'The runs beside the backlog have ended',
  );
  const cpuUs = (((cpuSeconds([postgres]) ?? NaN) - usedBefore) / count) * 1e6;
  const { rows } = await client.query(
    `SELECT extract(epoch FROM max(ended_at) - $1::timestamptz)::float8 * 1000 AS ms ${ended}`,
    [scheduledAt, before],
  );
  return { ms: rows[0].ms, cpuUs };
}

/**
 * @param {number[]} sizes
 * @param {Map<string, number[]>} figures
 * @returns {import('../subject.d.ts').Table}
 */
function tableOf(sizes, figures) {
  const shown = sizes.map((size) => size.toLocaleString('en'));
  return {
    title: `Backlog: ${shown.join(', ')} future runs`,
    columns: ['', ...shown, `${shown.at(-1)} : ${shown[0]}`],
    rows: [...figures].map(([name, values]) => [
      name,
      ...values,
      Number(((values.at(-1) ?? NaN) / (values[0] ?? NaN)).toFixed(2)),
    ]),
    note: 'One process in all roles; a tick and the looks are the statements alone, sent one after the other.',
  };
}
