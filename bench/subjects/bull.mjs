import { Countdown, hourMs, parts, Punctuality, submission } from './support/paced.mjs';

const concurrency = 50;
const enqueueSize = 1_000;

/** @type {import('../subject.d.ts').Subject} */
export const subject = {
  name: 'bull',
  title: 'raw Bull 4',
  keepsHistory: 'no',
  stores: 'Redis',
  settings: `concurrency ${concurrency}, removeOnComplete`,
  measures: ['drain', 'steady-200', 'steady-1000', 'burst', 'spread', 'submit-single', 'submit-bulk-1000'],
  async prepare({ redis }) {
    const { default: Bull } = await import('bull');
    const queue = new Bull('bench', redis.url, { defaultJobOptions: { removeOnComplete: true } });
    await queue.isReady();
    const punctuality = new Punctuality();
    const add = (/** @type {number} */ job) => queue.add({ job });
    const work = () => {
      void queue.process(concurrency, async ({ data }) => punctuality.started(data.job));
    };
    return {
      async drain(count, meter) {
        for (const part of parts(count, enqueueSize)) await queue.addBulk(part.map((job) => ({ data: { job } })));
        const countdown = new Countdown();
        queue.on('completed', () => countdown.ended());
        const over = countdown.expect(count);
        return meter.measure(() => {
          void queue.process(concurrency, async () => {});
          return over;
        });
      },
      steady(perSecond, seconds, meter) {
        work();
        return punctuality.steady(perSecond, seconds, add, meter);
      },
      scheduled(dueIn, meter) {
        work();
        const submitAhead = async (/** @type {{ job: number, due: Date }[]} */ jobs) => {
          for (const part of parts(jobs.length, enqueueSize)) {
            await queue.addBulk(
              part.map((index) => {
                const { job = 0, due = new Date() } = jobs[index] ?? {};
                const timestamp = Date.now();
                return { data: { job }, opts: { timestamp, delay: due.getTime() - timestamp } };
              }),
            );
          }
        };
        return punctuality.scheduled(dueIn, { submitNow: add, submitAhead }, meter);
      },
      submit(way, count, meter) {
        const opts = { delay: hourMs };
        const calls = {
          one: () => queue.add({ job: 0 }, opts),
          many: (/** @type {number} */ size) =>
            queue.addBulk(Array.from({ length: size }, () => ({ data: { job: 0 }, opts }))),
        };
        return submission(way, count, calls, meter);
      },
      close: () => queue.close(true),
    };
  },
};
