import { httpLoad, httpShape } from './support/http-load.mjs';
import { libraryMeasures, preparedLibrary } from './support/library.mjs';
import { hourMs } from './support/paced.mjs';
import { connectTo } from './support/postgres.mjs';
import { aJob, anOwner, environmentFor, loadProgram, makeTables, register, startProgram } from './support/punctual.mjs';

/** @typedef {import('../subject.d.ts').Services} Services */
/** @typedef {import('../subject.d.ts').Prepared} Prepared */

/** @type {import('../subject.d.ts').Subject} */
export const subject = {
  name: 'punctual',
  title: 'Punctual',
  ours: true,
  keepsHistory: 'yes',
  stores: 'PostgreSQL and Redis',
  settings:
    'defaults, no limits on what one user may do; one process in all roles, jobs handed in through the service behind POST /jobs; over HTTP a process of its own',
  measures: [...libraryMeasures, 'submit-http', 'submit-http-bulk-100', 'submit-http-bulk-1000'],
  prepare: (services, { measurement }) =>
    measurement.startsWith('submit-http') ? overHttp(services) : asLibrary(services),
};

/**
 * The whole program in the measuring process, as the peers are: a call of a service costs what a call of a library does.
 *
 * @param {Services} services
 * @returns {Promise<Prepared>}
 */
async function asLibrary(services) {
  const environment = environmentFor(services);
  await makeTables(environment);
  const client = await connectTo(services.postgres);
  const sender = { userId: await anOwner(client), idempotencyKey: null };
  /** @type {import('./support/library.mjs').Ears} */
  let ears = { started: () => {}, ended: () => {} };
  const program = await loadProgram(environment, (job) => {
    ears.started(job);
    ears.ended();
  });
  const live = `SELECT FROM runs WHERE state IN ('scheduled', 'running', 'retrying') LIMIT 1`;
  return preparedLibrary({
    one: ({ job, due }) => program.submissions.submit(aJob(job, due), sender),
    many: (submissions) =>
      program.submissions.submitMany(
        submissions.map(({ job, due }) => aJob(job, due)),
        sender,
      ),
    work: (given) => {
      ears = given;
      return program.begin();
    },
    allRecorded: async () => (await client.query(live)).rowCount === 0,
    analyze: () => client.query('ANALYZE'),
    leadMs: 4_000,
    async close() {
      await program.app.close();
      await client.end();
    },
  });
}

/**
 * The program as it is deployed, in a process of its own that plays the role `api`.
 *
 * @param {Services} services
 * @returns {Promise<Prepared>}
 */
async function overHttp(services) {
  const environment = environmentFor(services, { ROLES: 'api' });
  await makeTables(environment);
  const program = await startProgram(environment);
  const { token } = await register(program.origin);
  return {
    submit(way, count, meter) {
      const { size, connections } = httpShape(way);
      const due = new Date(Date.now() + hourMs);
      const job = { ...aJob(0, due), handler: 'log' };
      const body = JSON.stringify(size === 1 ? job : { jobs: Array.from({ length: size }, () => job) });
      const path = size === 1 ? '/jobs' : '/jobs/bulk';
      const requests = Math.ceil(count / size);
      const { origin } = program;
      return httpLoad({ origin, path, token, body: () => body, requests, connections, expected: 201, meter });
    },
    close: () => program.stop(),
  };
}
