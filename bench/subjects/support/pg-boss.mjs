import { libraryMeasures, preparedLibrary } from './library.mjs';
import { connectTo } from './postgres.mjs';

const queue = 'bench';

/**
 * @param {object} mode
 * @param {string} mode.name
 * @param {string} mode.title
 * @param {number} mode.batchSize
 * @param {number} mode.workers
 * @param {Partial<import('../../subject.d.ts').Subject>} [more]
 * @returns {import('../../subject.d.ts').Subject}
 */
export const pgBoss = ({ name, title, batchSize, workers }, more = {}) => ({
  name,
  title,
  keepsHistory: 'partly',
  stores: 'PostgreSQL',
  settings: `batchSize ${batchSize}, localConcurrency ${workers}, burstWhenBatchFull, useListenNotify, polling every 0.5 s (its least)`,
  measures: libraryMeasures,
  ...more,
  async prepare({ postgres }) {
    const { PgBoss } = await import('pg-boss');
    const client = await connectTo(postgres);
    const boss = new PgBoss({ connectionString: postgres.url, useListenNotify: true, schedule: false });
    boss.on('error', (/** @type {Error} */ error) => console.error(error));
    await boss.start();
    await boss.createQueue(queue, { notify: true });
    const job = (/** @type {import('./library.mjs').Submission} */ { job: number, due }) => ({
      data: { job: number },
      ...(due && { startAfter: due }),
    });
    return preparedLibrary({
      one: ({ job: number, due }) => boss.send(queue, { job: number }, due ? { startAfter: due } : {}),
      many: (submissions) => boss.insert(queue, submissions.map(job)),
      work: ({ started, ended }) =>
        boss.work(
          queue,
          {
            batchSize,
            localConcurrency: workers,
            burstWhenBatchFull: true,
            pollingIntervalSeconds: 0.5,
            notifyPollingIntervalSeconds: 0.5,
          },
          async (/** @type {{ data: { job: number } }[]} */ jobs) => {
            for (const { data } of jobs) {
              started(data.job);
              ended();
            }
          },
        ),
      allRecorded: async () => {
        const left = await client.query(`SELECT FROM pgboss.job WHERE name = $1 AND state < 'completed' LIMIT 1`, [
          queue,
        ]);
        return left.rowCount === 0;
      },
      analyze: () => client.query('ANALYZE'),
      close: async () => {
        await boss.stop({ graceful: false });
        await client.end();
      },
    });
  },
});
