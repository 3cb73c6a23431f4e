import { concurrency, prepareBullMq } from './support/bullmq.mjs';
import { libraryMeasures } from './support/library.mjs';

/** @type {import('../subject.d.ts').Subject} */
export const subject = {
  name: 'bullmq',
  title: 'BullMQ 6 on Redis',
  keepsHistory: 'no',
  stores: 'Redis',
  settings: `concurrency ${concurrency}; completed jobs removed`,
  measures: libraryMeasures.filter((name) => name !== 'spread'),
  async prepare({ redis }) {
    const { Queue, Worker } = await import('bullmq');
    const connection = { host: redis.host, port: redis.port, maxRetriesPerRequest: null };
    return prepareBullMq({ Queue, Worker, connection });
  },
};
