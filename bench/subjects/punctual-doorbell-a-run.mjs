import { compiled } from '../frame/compiled.mjs';
import { flood, until } from './support/paced.mjs';
import { asLibrary } from './support/punctual-library.mjs';

const ringsInFlight = 64;

/** @type {import('../subject.d.ts').Subject} */
export const subject = {
  name: 'punctual-doorbell-a-run',
  title: 'Punctual, a doorbell a run',
  ours: true,
  keepsHistory: 'yes',
  stores: 'PostgreSQL and Redis',
  settings:
    'as Punctual; before the workers start, its doorbells are exchanged for as many as there are runs, as where load is spread out; RING_AGAIN_AFTER_MS at its longest, so that no other doorbell is rung',
  measures: ['drain'],
  prepare: (services) => asLibrary(services, { settings: { RING_AGAIN_AFTER_MS: '600000' }, submitted: ringForEach }),
};

/**
 * @param {{ get(token: unknown): any }} app
 * @param {import('pg').Client} client
 */
async function ringForEach(app, client) {
  const [{ getQueueToken }, { doorbellQueue }, { IJobScheduler }] = await Promise.all([
    import('@nestjs/bull'),
    compiled('queue/queue.js'),
    compiled('runs/dispatch/interfaces/job-scheduler.js'),
  ]);
  const { rows } = await client.query('SELECT id FROM runs WHERE ended_at IS NULL');
  /** @type {import('bull').Queue<{ runIds: string[] }>} */
  const queue = app.get(getQueueToken(doorbellQueue));
  // Those of the submission are put there without anybody waiting for them.
  const named = async () => (await queue.getJobs(['waiting', 'delayed'])).flatMap(({ data }) => data.runIds).length;
  await until(async () => (await named()) === rows.length, 50);
  await queue.empty();
  const scheduler = app.get(IJobScheduler);
  await flood(rows.length, ringsInFlight, (index) => scheduler.ring([{ runId: rows[index].id, delayMs: 0 }]));
  const there = (await queue.getJobCounts()).waiting;
  if (there !== rows.length) throw new Error(`${there} doorbells are there for ${rows.length} runs.`);
}
