import { compiled } from '../frame/compiled.mjs';
import { percentile } from '../frame/statistics.mjs';
import { flood, hourMs, Punctuality, singlesInFlight } from '../subjects/support/paced.mjs';
import { aJob, environmentFor, loadProgram, makeTables, startProgram } from '../subjects/support/punctual.mjs';
import { eventually } from './support/client.mjs';
import { fillWithOldHistory, patientSource } from './support/old-history.mjs';

/** @typedef {{ name: string, prunes: boolean }} Phase */
/** @typedef {{ lateness: number[], perSecond: number, goneASecond: number }} Measured */

const forEver = {
  ...{ RETENTION_RUNS_DAYS: '0', RETENTION_FAILED_RUNS_DAYS: '0', RETENTION_JOBS_DAYS: '0' },
  ...{ RETENTION_IDEMPOTENCY_KEYS_DAYS: '0', RETENTION_CREDENTIALS_DAYS: '0' },
};
/** @type {Phase[]} the one that leaves the tables as they are comes first */
const phases = [
  { name: 'all is kept', prunes: false },
  { name: 'old history goes', prunes: true },
];

/**
 * Does anybody notice that old history is being deleted? One process submits and runs jobs, another plays the ticker, which
 * prunes: the same work is measured while it keeps everything, and while it deletes.
 *
 * @type {import('../subject.d.ts').Scenario}
 */
export const scenario = {
  name: 'pruning',
  title: 'Retention beside load: what a pass of pruning costs the others',
  seconds: 90,
  async run(services, { quick, meter, say }) {
    const environment = environmentFor(services);
    await makeTables(environment);
    const { readConfig } = await compiled('config/config.js');
    const source = await patientSource(readConfig(environment));
    const runs = quick ? 60_000 : 600_000;
    const [perSecond, seconds, singles] = quick ? [1_000, 1, 1_000] : [1_000, 4, 5_000];
    /** @type {(job: number) => void} */
    let started = () => {};
    const program = await loadProgram({ ...environment, ROLES: 'api,worker' }, (job) => started(job));
    try {
      await fillWithOldHistory(source, runs);
      // Their history is what matters: they themselves do not fall due meanwhile.
      await source.query(`UPDATE jobs SET next_run_at = now() + interval '1 day' WHERE next_run_at IS NOT NULL`);
      say(`${runs.toLocaleString('en')} runs are there, half of them old`);
      await program.begin();
      const [{ id: userId }] = await source.query('SELECT id FROM users');
      const submit = (/** @type {number} */ job, /** @type {Date} */ due) =>
        program.submissions.submit(aJob(job, due), { userId, idempotencyKey: null });
      const oldRuns = async () =>
        (await source.query(`SELECT count(*)::integer AS n FROM runs WHERE ended_at < now() - interval '90 days'`))[0]
          .n;

      /** @type {(phase: Phase) => Promise<Measured>} */
      const measure = async ({ prunes }) => {
        const ticker = await startProgram({ ...environment, ...(prunes ? {} : forEver), ROLES: 'ticker' });
        try {
          const before = await oldRuns();
          if (prunes) await eventually(async () => (await oldRuns()) < before, 'Pruning has begun');
          const [first, began] = [await oldRuns(), performance.now()];
          const punctuality = new Punctuality();
          started = (job) => punctuality.started(job);
          const lateness = await punctuality.steady(perSecond, seconds, (job) => submit(job, new Date()), meter);
          const due = new Date(Date.now() + hourMs);
          const ms = await meter.measure(() => flood(singles, singlesInFlight, (job) => submit(job, due)));
          const last = await oldRuns();
          if (prunes && last === 0) throw new Error('Nothing old was left before all was measured.');
          const goneASecond = (first - last) / ((performance.now() - began) / 1_000);
          return { lateness, perSecond: (singles / ms) * 1_000, goneASecond };
        } finally {
          await ticker.stop();
        }
      };
      const measured = [];
      for (const phase of phases) {
        measured.push(await measure(phase));
        say(phase.name);
      }
      return [tableOf(measured, `${perSecond.toLocaleString('en')} jobs a second for ${seconds} s`)];
    } finally {
      await program.app.close();
      await source.destroy();
    }
  },
};

/**
 * @param {Measured[]} measured in the order of the phases
 * @param {string} load
 * @returns {import('../subject.d.ts').Table}
 */
function tableOf(measured, load) {
  /** @type {(name: string, of: (one: Measured) => number) => (string | number)[]} */
  const row = (name, of) => [name, ...measured.map(of)];
  return {
    title: 'Retention beside load',
    columns: ['', ...phases.map(({ name }) => name)],
    rows: [
      row('lateness, p50, ms', ({ lateness }) => percentile(lateness, 0.5)),
      row('lateness, p99, ms', ({ lateness }) => percentile(lateness, 0.99)),
      row('lateness, max, ms', ({ lateness }) => percentile(lateness, 1)),
      row('submissions a second, one call each', ({ perSecond }) => Math.round(perSecond)),
      row('old runs gone a second', ({ goneASecond }) => Math.round(goneASecond)),
    ],
    note: `Lateness of ${load}, each submitted by a call of its own and due at once, then submissions that nobody works off; a process in the roles api and worker, and one in the role ticker.`,
  };
}
