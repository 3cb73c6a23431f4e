import { prepareBullMq } from './support/bullmq.mjs';

const concurrency = 50;

/** @type {import('../subject.d.ts').Subject} */
export const subject = {
  name: 'bullmq',
  title: 'BullMQ 6 on Redis',
  keepsHistory: 'no',
  stores: 'Redis',
  settings: `concurrency ${concurrency}, removeOnComplete`,
  measures: ['drain', 'steady-200', 'steady-1000', 'burst', 'spread', 'submit-single', 'submit-bulk-1000'],
  async prepare({ redis }) {
    const { Queue, Worker } = await import('bullmq');
    const connection = { host: redis.host, port: redis.port, maxRetriesPerRequest: null };
    return prepareBullMq({ Queue, Worker, connection, workerOptions: { concurrency } });
  },
};
