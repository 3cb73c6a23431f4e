import {
  bulksInFlight,
  bulkSize,
  Countdown,
  flood,
  hourMs,
  parts,
  Punctuality,
  singlesInFlight,
  until,
} from './paced.mjs';

/**
 * What a queue's library has to be able to do for all measurements that concern libraries.
 *
 * @typedef {{ job: number, due?: Date }} Submission `job`: a number that its handler is given; due at once without `due`
 *
 * @typedef {object} Library
 * @property {(submission: Submission) => Promise<unknown>} one
 * @property {(submissions: Submission[]) => Promise<unknown>} many by one call if it has such a call
 * @property {(job: Ears) => Promise<unknown>} work starts the workers
 * @property {() => Promise<boolean>} [allRecorded] whether no job is left that is not recorded as ended; left out where `ended`
 *   means recorded
 * @property {() => Promise<unknown>} [analyze] brings statistics up to date
 * @property {number} [leadMs] time that it takes to submit a burst ahead
 * @property {() => Promise<unknown>} close
 *
 * @typedef {object} Ears what a worker tells
 * @property {(job: number) => void} started first thing in the handler
 * @property {() => void} ended
 */

const nothing = () => {};

/** @type {import('../../subject.d.ts').Measurement[]} */
export const libraryMeasures = [
  'drain',
  'steady-200',
  'steady-1000',
  'steady-1000-warm',
  'burst',
  'spread',
  'submit-single',
  'submit-bulk-1000',
];

/**
 * @param {Library} library
 * @returns {import('../../subject.d.ts').Prepared}
 */
export function preparedLibrary(library) {
  const { one, many, work, allRecorded, analyze = async () => {}, leadMs, close } = library;
  const punctuality = new Punctuality();
  const listen = () => work({ started: (job) => punctuality.started(job), ended: nothing });
  const now = (/** @type {number} */ job) => one({ job });
  return {
    async drain(count, meter) {
      for (const part of parts(count, bulkSize)) await many(part.map((job) => ({ job })));
      await analyze();
      const countdown = new Countdown();
      const over = countdown.expect(count);
      return meter.measure(async () => {
        await work({ started: nothing, ended: () => countdown.ended() });
        await over;
        if (allRecorded) await until(allRecorded);
      });
    },
    async steady(perSecond, seconds, meter, warmUpSeconds) {
      await listen();
      return punctuality.steady(perSecond, seconds, now, meter, warmUpSeconds);
    },
    async scheduled(dueIn, meter) {
      await listen();
      const submitAhead = async (/** @type {Required<Submission>[]} */ jobs) => {
        for (const part of parts(jobs.length, bulkSize)) {
          await many(part.flatMap((index) => jobs[index] ?? []));
        }
        await analyze();
      };
      return punctuality.scheduled(dueIn, { submitNow: now, submitAhead, ...(leadMs && { leadMs }) }, meter);
    },
    async submit(way, count, meter) {
      const due = new Date(Date.now() + hourMs);
      if (way === 'single') return meter.measure(() => flood(count, singlesInFlight, (job) => one({ job, due })));
      if (way !== 'bulk-1000') throw new Error(`A library has no ${way}.`);
      const bulk = Array.from({ length: bulkSize }, (_, job) => ({ job, due }));
      return meter.measure(() => flood(count / bulkSize, bulksInFlight, () => many(bulk)));
    },
    close: async () => void (await close()),
  };
}
