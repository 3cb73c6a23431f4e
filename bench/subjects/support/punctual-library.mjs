import { preparedLibrary } from './library.mjs';
import { connectTo } from './postgres.mjs';
import { aJob, anOwner, environmentFor, loadProgram, makeTables } from './punctual.mjs';

/**
 * The whole program in the measuring process, as the peers are: a call of a service costs what a call of a library does.
 *
 * @param {import('../../subject.d.ts').Services} services
 * @param {object} [other]
 * @param {Record<string, string>} [other.settings]
 * @param {(app: Awaited<ReturnType<typeof loadProgram>>['app'], client: import('pg').Client) => Promise<void>} [other.submitted]
 *   called when jobs have been submitted ahead, before anything is measured
 * @returns {Promise<import('../../subject.d.ts').Prepared>}
 */
export async function asLibrary(services, { settings = {}, submitted = async () => {} } = {}) {
  const environment = environmentFor(services, settings);
  await makeTables(environment);
  const client = await connectTo(services.postgres);
  const sender = { userId: await anOwner(client), idempotencyKey: null };
  /** @type {import('./library.mjs').Ears} */
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
    async analyze() {
      await client.query('ANALYZE');
      await submitted(program.app, client);
    },
    leadMs: 4_000,
    async close() {
      await program.app.close();
      await client.end();
    },
  });
}
