import { concurrency, prepareBullMq } from './support/bullmq.mjs';
import { libraryMeasures } from './support/library.mjs';
import { connectTo } from './support/postgres.mjs';

const connections = 20;

/** @type {import('../subject.d.ts').Subject} */
export const subject = {
  name: 'bullmq-postgresql',
  title: 'BullMQ 6 on PostgreSQL',
  keepsHistory: 'no',
  stores: 'PostgreSQL',
  settings: `concurrency ${concurrency}, a pool of ${connections} connections for the queue and one for the worker; completed jobs removed`,
  measures: libraryMeasures.filter((name) => name !== 'spread'),
  scale: { drain: 0.25, 'submit-bulk-1000': 0.5 },
  async prepare({ postgres }) {
    const { createPostgresBackend, withBackend } = await import('bullmq');
    const { Queue, Worker } = withBackend(createPostgresBackend);
    const client = await connectTo(postgres);
    const connection = { connectionString: postgres.url, max: connections, migrate: true };
    const analyze = () => client.query('ANALYZE');
    const prepared = await prepareBullMq({ Queue, Worker, connection, library: { analyze, leadMs: 2_500 } });
    return {
      ...prepared,
      close: async () => {
        await prepared.close();
        await client.end();
      },
    };
  },
};
