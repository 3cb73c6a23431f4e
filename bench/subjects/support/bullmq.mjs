import { Countdown, hourMs, parts, Punctuality, submission } from './paced.mjs';

const enqueueSize = 1_000;

/**
 * BullMQ, on whichever of its backends.
 *
 * @param {object} backend
 * @param {new (name: string, options: object) => any} backend.Queue
 * @param {new (name: string, handler: (job: any) => Promise<void>, options: object) => any} backend.Worker
 * @param {object} backend.connection
 * @param {object} backend.workerOptions
 * @param {() => Promise<unknown>} [backend.analyze]
 * @param {() => Promise<unknown>} [backend.end]
 * @returns {Promise<import('../../subject.d.ts').Prepared>}
 */
export async function prepareBullMq({ Queue, Worker, connection, workerOptions, analyze, end }) {
  const queue = new Queue('bench', { connection, defaultJobOptions: { removeOnComplete: true } });
  await queue.waitUntilReady();
  /** @type {any} */
  let worker;
  const work = async (/** @type {(job: any) => Promise<void>} */ handler, /** @type {boolean} */ autorun) => {
    worker = new Worker('bench', handler, { connection, autorun, ...workerOptions });
    worker.on('error', (/** @type {Error} */ error) => console.error(error));
    await worker.waitUntilReady();
  };
  const punctuality = new Punctuality();
  const note = async (/** @type {{ data: { job: number } }} */ { data }) => punctuality.started(data.job);
  const add = (/** @type {number} */ job) => queue.add('noop', { job });
  return {
    async drain(count, meter) {
      for (const part of parts(count, enqueueSize)) {
        await queue.addBulk(part.map((job) => ({ name: 'noop', data: { job } })));
      }
      await analyze?.();
      await work(async () => {}, false);
      const countdown = new Countdown();
      worker.on('completed', () => countdown.ended());
      const over = countdown.expect(count);
      return meter.measure(() => {
        worker.run();
        return over;
      });
    },
    async steady(perSecond, seconds, meter) {
      await work(note, true);
      return punctuality.steady(perSecond, seconds, add, meter);
    },
    async scheduled(dueIn, meter) {
      await work(note, true);
      const submitAhead = async (/** @type {{ job: number, due: Date }[]} */ jobs) => {
        for (const part of parts(jobs.length, enqueueSize)) {
          await queue.addBulk(
            part.map((index) => {
              const { job = 0, due = new Date() } = jobs[index] ?? {};
              const timestamp = Date.now();
              return { name: 'noop', data: { job }, opts: { timestamp, delay: due.getTime() - timestamp } };
            }),
          );
        }
        await analyze?.();
      };
      return punctuality.scheduled(dueIn, { submitNow: add, submitAhead, leadMs: 6_000 }, meter);
    },
    submit(way, count, meter) {
      const opts = { delay: hourMs };
      const job = { name: 'noop', data: { job: 0 }, opts };
      const calls = {
        one: () => queue.add(job.name, job.data, opts),
        many: (/** @type {number} */ size) => queue.addBulk(Array.from({ length: size }, () => job)),
      };
      return submission(way, count, calls, meter);
    },
    async close() {
      await worker?.close(true);
      await queue.close();
      await end?.();
    },
  };
}
