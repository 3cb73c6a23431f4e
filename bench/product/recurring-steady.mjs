import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { connectTo } from '../subjects/support/postgres.mjs';
import { environmentFor, makeTables, register, startProgram } from '../subjects/support/punctual.mjs';
import { ApiClient } from './support/client.mjs';

const intervalsS = [1, 2, 3, 5, 10];
const jobsOfEach = 30;
/** What comes before is warm-up: plans, connections, compiled code. */
const warmUpMs = 5_000;
const allRoles = 'api,worker,ticker';

/** @typedef {{ id: string, intervalMs: number }} RecurringJob */
/** @typedef {{ title: string, roles: string[], edited: boolean }} Setting */

/** @type {Setting[]} */
const settings = [
  { title: 'one process', roles: [allRoles], edited: false },
  { title: 'one process, each job changed at each of its times', roles: [allRoles], edited: true },
  {
    title: '2 tickers, 3 workers, each job changed at each of its times',
    roles: ['api', 'ticker', 'ticker', 'worker', 'worker', 'worker'],
    edited: true,
  },
];

/**
 * Short intervals over a while: whether each time starts, how late, and what changing a job at the very instant costs it.
 *
 * @type {import('../subject.d.ts').Scenario}
 */
export const scenario = {
  name: 'recurring-steady',
  title: 'Short intervals, steadily',
  seconds: 210,
  async run(services, { quick, whole, say }) {
    const windowMs = (quick ? 20 : whole ? 600 : 60) * 1_000;
    const environment = environmentFor(services);
    await makeTables(environment);
    const client = await connectTo(services.postgres);
    const rows = [];
    try {
      for (const setting of settings) {
        say(setting.title);
        rows.push(...(await measure(client, environment, setting, windowMs)));
      }
    } finally {
      await client.end();
    }
    return [
      {
        title: `${jobsOfEach} jobs of each interval for ${windowMs / 1_000} s`,
        columns: ['', 'interval', 'times', 'p50, ms', 'p99, ms', 'p99.9, ms', 'max, ms', 'missed', 'skipped'],
        rows,
        note: 'Lateness is from due to the start of the first attempt, by the database’s clock. A time that was missed or skipped has no lateness.',
      },
    ];
  },
};

/**
 * @param {import('pg').Client} client
 * @param {Record<string, string>} environment
 * @param {Setting} setting
 * @param {number} windowMs
 */
async function measure(client, environment, { title, roles, edited }, windowMs) {
  await client.query('TRUNCATE users, jobs, job_versions, runs');
  const programs = await Promise.all(roles.map((ROLES) => startProgram({ ...environment, ROLES })));
  try {
    const origin = programs[0]?.origin ?? '';
    const { token } = await register(origin);
    const jobs = await submit(origin, token);
    const editor = edited ? new Editor(origin, token, jobs) : undefined;
    await sleep(warmUpMs);
    const from = new Date();
    await sleep(windowMs);
    const to = new Date();
    await editor?.stop();
    await sleep(warmUpMs); // what was due at the end has started by now
    return (await lateness(client, from, to)).map((row) => [title, ...row]);
  } finally {
    await Promise.all(programs.map((program) => program.stop()));
  }
}

/**
 * @param {string} origin
 * @param {string} token
 * @returns {Promise<RecurringJob[]>}
 */
async function submit(origin, token) {
  const api = new ApiClient(origin, token);
  const definitions = intervalsS.flatMap((seconds) =>
    Array.from({ length: jobsOfEach }, (_, n) => ({
      name: `every ${seconds} s, ${n}`,
      type: 'recurring',
      cron: seconds === 1 ? '* * * * * *' : `*/${seconds} * * * * *`,
      handler: 'log',
      payload: { message: 'x' },
    })),
  );
  /** @type {{ jobs: { id: string }[] }} */
  const { jobs } = await api.ask('/jobs/bulk', { jobs: definitions });
  await api.close();
  return jobs.map(({ id }, index) => ({ id, intervalMs: (intervalsS[Math.floor(index / jobsOfEach)] ?? 1) * 1_000 }));
}

/** Changes the description of each job at each of its nominal times: whole multiples of its interval within the minute. */
class Editor {
  #pool;
  #timer;
  #count = 0;

  /**
   * @param {string} origin
   * @param {string} token
   * @param {RecurringJob[]} jobs
   */
  constructor(origin, token, jobs) {
    this.#pool = new Pool(origin, { connections: 16 });
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const edit = () => {
      const second = Math.round(Date.now() / 1_000);
      this.#count += 1;
      const body = JSON.stringify({ description: `change ${this.#count}` });
      for (const { id, intervalMs } of jobs)
        if ((second * 1_000) % intervalMs === 0)
          void this.#pool
            .request({ method: 'PATCH', path: `/jobs/${id}`, headers, body })
            .then((answer) => answer.body.dump());
      this.#timer = setTimeout(edit, (second + 1) * 1_000 - 3 - Date.now());
    };
    this.#timer = setTimeout(edit, 1_000 - (Date.now() % 1_000) - 3);
  }

  async stop() {
    clearTimeout(this.#timer);
    await this.#pool.close();
  }
}

/**
 * @param {import('pg').Client} client
 * @param {Date} from
 * @param {Date} to
 * @returns {Promise<(string | number)[][]>} a row for each interval
 */
async function lateness(client, from, to) {
  const { rows } = await client.query(
    `SELECT split_part(j.name, ',', 1) AS interval, sum(r.count)::integer AS times,
            percentile_cont(ARRAY[0.5, 0.99, 0.999, 1.0]) WITHIN GROUP
              (ORDER BY extract(epoch FROM r.started_at - r.due_at) * 1000) AS ms,
            coalesce(sum(r.count) FILTER (WHERE r.state = 'missed'), 0)::integer AS missed,
            coalesce(sum(r.count) FILTER (WHERE r.state = 'skipped'), 0)::integer AS skipped
     FROM runs r JOIN jobs j ON j.id = r.job_id
     WHERE r.nominal_at >= $1 AND r.nominal_at < $2
     GROUP BY 1 ORDER BY min(length(j.name)), 1`,
    [from, to],
  );
  return rows.map(({ interval, times, ms, missed, skipped }) => [
    interval,
    times,
    ...[0, 1, 2, 3].map((n) => Number(ms?.[n] ?? NaN)).map((value) => (Number.isFinite(value) ? value : '–')),
    missed,
    skipped,
  ]);
}
