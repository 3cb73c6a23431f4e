import { connectTo } from '../subjects/support/postgres.mjs';
import { environmentFor, makeTables, register, startProgram } from '../subjects/support/punctual.mjs';
import { ApiClient, eventually } from './support/client.mjs';
import { allTimes, copyRow } from './support/rows.mjs';

/** @typedef {{ jobs: number, recurring: number, runsOfEach: number }} Size */

const limit = 20;
const logJob = { name: 'bench', handler: 'log', payload: { message: 'x' } };
/** What becomes of one run in a hundred. */
const failsOf = `CASE WHEN n % 100 = 0 THEN 'failed' ELSE`;

/**
 * How long the API takes to answer over much history, one request at a time.
 *
 * @type {import('../subject.d.ts').Scenario}
 */
export const scenario = {
  name: 'reads',
  title: 'Reads over much history',
  seconds: 240,
  async run(services, { quick, whole, say }) {
    const size = quick
      ? { jobs: 5_000, recurring: 5, runsOfEach: 3_000 }
      : whole
        ? { jobs: 1_000_000, recurring: 80, runsOfEach: 50_000 }
        : { jobs: 200_000, recurring: 80, runsOfEach: 10_000 };
    const environment = environmentFor(services, { RETENTION_RUNS: '', JWT_EXPIRATION: '86400' });
    await makeTables(environment);
    const client = await connectTo(services.postgres);
    const program = await startProgram(environment);
    const { token, userId } = await register(program.origin);
    const api = new ApiClient(program.origin, token);
    try {
      await client.query(`UPDATE users SET role = 'admin' WHERE id = $1`, [userId]);
      await fill(client, api, size);
      const runs = size.jobs + size.recurring * size.runsOfEach;
      const there = `${size.jobs.toLocaleString('en')} jobs and ${runs.toLocaleString('en')} runs`;
      say(`${there} are there`);
      /** @type {(string | number)[][]} */
      const rows = [];
      for (const path of await paths(api, size)) {
        const { p50, p99 } = await api.time(path.path, quick ? 20 : 100);
        rows.push([path.shown, p50, p99]);
      }
      return [
        {
          title: `Reads: ${there}, nearly all of one owner`,
          columns: ['request', 'p50, ms', 'p99, ms'],
          rows,
          note: 'One connection, one request after the other. Totals are counted up to 10,000. Filters marked * have no index: they look at each job in question until the page is full.',
        },
      ];
    } finally {
      await api.close();
      await program.stop();
      await client.end();
    }
  },
};

/**
 * Copies of a one-time job that has run, and of a recurring one's runs, over the last thirty days; one job in a hundred waits.
 *
 * @param {import('pg').Client} client
 * @param {ApiClient} api
 * @param {Size} size
 */
async function fill(client, api, { jobs, recurring, runsOfEach }) {
  const once = await api.ask('/jobs', { ...logJob, type: 'one_time' });
  const daily = await api.ask('/jobs', { ...logJob, type: 'recurring', cron: '0 0 1 1 *' });
  await eventually(async () => (await api.ask(`/jobs/${once.id}`)).status === 'completed', 'The job to copy has run');
  await client.query('SET synchronous_commit = off');
  const ago = 'now() - make_interval(secs => 2592000.0 * (1 - n::float8 / total))';
  const ids = (/** @type {string} */ at) => `uuidv7(${at} - now())`;
  await client.query(
    `CREATE UNLOGGED TABLE once AS
     SELECT n, ${ids('at')} AS job_id, ${ids('at')} AS run_id, at
     FROM (SELECT n, ${ago} AS at FROM generate_series(1, ${jobs - 1}) AS n, (SELECT ${jobs} AS total)) AS times`,
  );
  await copyRow(client, 'jobs', `id = '${once.id}'`, 'once', {
    ...{ ...allTimes('at'), id: 'job_id', name: `'bench ' || n` },
    status: `${failsOf} 'completed' END`,
  });
  await client.query(
    `CREATE UNLOGGED TABLE recurring AS SELECT n, ${ids('now()')} AS job_id FROM generate_series(1, ${recurring}) AS n`,
  );
  await copyRow(client, 'jobs', `id = '${daily.id}'`, 'recurring', { id: 'job_id', name: `'recurring ' || n` });
  await client.query(
    `CREATE UNLOGGED TABLE repeated AS
     SELECT n, job_id, ${ids('at')} AS run_id, at
     FROM (SELECT times.n, job_id, ${ago.replaceAll('n::', 'times.n::')} AS at
           FROM generate_series(1, ${runsOfEach}) AS times (n), (SELECT ${runsOfEach} AS total), recurring) AS times`,
  );
  for (const seeds of ['once', 'repeated']) {
    await copyRow(client, 'runs', `job_id = '${once.id}'`, seeds, {
      ...{ ...allTimes('at'), id: 'run_id', job_id: 'job_id' },
      ...{ state: `${failsOf} 'succeeded' END`, attempt_status: `${failsOf} 'succeeded' END` },
    });
  }
  await client.query('DROP TABLE once, recurring, repeated');
  await client.query('VACUUM (ANALYZE)');
  await client.query('CHECKPOINT');
}

/**
 * @param {ApiClient} api
 * @param {Size} size
 * @returns {Promise<{ path: string, shown: string }[]>}
 */
async function paths(api, { jobs, runsOfEach }) {
  const first = async (/** @type {string} */ path) => (await api.ask(path)).data[0];
  const busy = (await first('/jobs?type=recurring&search=recurring')).id;
  const done = (await first('/jobs?status=completed')).id;
  const run = (await first(`/jobs/${done}/runs`)).id;
  const deep = Math.floor(jobs / 2 / limit);
  const last = Math.floor(runsOfEach / limit);
  const monthAgo = new Date(Date.now() - 29 * 86_400_000).toISOString();
  const hourAgo = new Date(Date.now() - 3_600_000).toISOString();
  const lists = (/** @type {string} */ list) => [
    ...[list, `${list}?page=${deep}`],
    ...['pending', 'running', 'completed', 'failed', 'paused'].map((status) => `${list}?status=${status}`),
    ...[`${list}?type=one_time *`, `${list}?type=recurring`, `${list}?handler=log *`, `${list}?handler=http *`],
    ...[`${list}?search=bench *`, `${list}?search=nowhere *`],
    ...[`${list}?fromDate=${hourAgo}`, `${list}?toDate=${monthAgo}`],
  ];
  const wanted = [
    ...lists('/jobs'),
    ...[`/jobs/${done}`, `/jobs/${busy}`, `/jobs/${done}/status`, `/jobs/${busy}/next-runs`],
    ...['runs', 'executions', 'logs'].flatMap((list) => [
      `/jobs/${busy}/${list}`,
      `/jobs/${busy}/${list}?page=${last}`,
    ]),
    ...['succeeded', 'failed', 'running'].map((state) => `/jobs/${busy}/runs?state=${state}`),
    ...['', '/explain', '/executions', '/logs'].map((part) => `/runs/${run}${part}`),
    ...lists('/admin/jobs'),
    ...['/admin/users', '/admin/stats'],
  ];
  return wanted.map((path) => ({
    path: path.replace(' *', ''),
    shown: path
      .replace(busy, ':busy')
      .replace(done, ':id')
      .replace(run, ':id')
      .replace(/(Date)=\S+/, '$1=…'),
  }));
}
