import { libraryMeasures, preparedLibrary } from './support/library.mjs';

const concurrency = 50;

/** @type {import('../subject.d.ts').Subject} */
export const subject = {
  name: 'bull',
  title: 'raw Bull 4',
  keepsHistory: 'no',
  stores: 'Redis',
  settings: `concurrency ${concurrency}; completed jobs removed`,
  measures: libraryMeasures,
  async prepare({ redis }) {
    const { default: Bull } = await import('bull');
    const queue = new Bull('bench', redis.url, { defaultJobOptions: { removeOnComplete: true } });
    await queue.isReady();
    return preparedLibrary({
      one: ({ job, due }) => queue.add({ job }, dueAt(due)),
      many: (submissions) => queue.addBulk(submissions.map(({ job, due }) => ({ data: { job }, opts: dueAt(due) }))),
      work: async ({ started, ended }) => {
        queue.on('completed', ended);
        void queue.process(concurrency, async ({ data }) => started(data.job));
      },
      close: () => queue.close(true),
    });
  },
};

/** @param {Date | undefined} due */
function dueAt(due) {
  if (!due) return {};
  const timestamp = Date.now();
  return { timestamp, delay: due.getTime() - timestamp };
}
