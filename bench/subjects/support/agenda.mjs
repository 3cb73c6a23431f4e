import { preparedLibrary } from './library.mjs';
import { flood, singlesInFlight } from './paced.mjs';

const settings = { processEvery: 100, defaultConcurrency: 100, maxConcurrency: 100 };

/** @type {Pick<import('../../subject.d.ts').Subject, 'keepsHistory' | 'settings' | 'measures' | 'scale' | 'quick'>} */
export const agendaFacts = {
  keepsHistory: 'partly',
  settings: 'processEvery 100 ms, concurrency 100, notifications; it has no call for many jobs',
  measures: ['drain', 'steady-200', 'burst', 'submit-single'],
  quick: false,
  scale: { drain: 0.05, burst: 0.2, 'submit-single': 0.25 },
};

/**
 * @param {object} backend of Agenda
 * @param {Pick<import('./library.mjs').Library, 'analyze'> & { end?: () => Promise<unknown> }} [more]
 * @returns {Promise<import('../../subject.d.ts').Prepared>}
 */
export async function prepareAgenda(backend, { end, ...library } = {}) {
  const { Agenda } = await import('agenda');
  const agenda = new Agenda({ backend, ...settings });
  agenda.on('error', (/** @type {Error} */ error) => console.error(error));
  await agenda.ready;
  const define = (/** @type {(job: number) => void} */ started) =>
    agenda.define('noop', async (/** @type {{ attrs: { data: { job: number } } }} */ { attrs }) =>
      started(attrs.data.job),
    );
  define(() => {});
  const one = (/** @type {import('./library.mjs').Submission} */ { job, due }) =>
    due ? agenda.schedule(due, 'noop', { job }) : agenda.now('noop', { job });
  return preparedLibrary({
    ...library,
    one,
    many: (submissions) =>
      flood(submissions.length, singlesInFlight, (index) => one(/** @type {any} */ (submissions[index]))),
    work: async ({ started, ended }) => {
      define(started);
      agenda.on('complete', ended); // said once the job is saved
      await agenda.start();
    },
    leadMs: 2_500,
    close: async () => {
      await agenda.stop();
      await end?.();
    },
  });
}
