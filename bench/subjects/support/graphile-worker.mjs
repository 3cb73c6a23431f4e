import { EventEmitter } from 'node:events';
import { preparedLibrary } from './library.mjs';
import { connectTo } from './postgres.mjs';

const task = 'noop';

/**
 * @param {Pick<import('../../subject.d.ts').Subject, 'name' | 'title' | 'settings' | 'measures' | 'quick'>} description
 * @param {object} worker its settings, as its `preset.worker` takes them
 * @returns {import('../../subject.d.ts').Subject}
 */
export const graphileWorker = (description, worker) => ({
  ...description,
  keepsHistory: 'no',
  stores: 'PostgreSQL',
  async prepare({ postgres }) {
    const { Logger, makeWorkerUtils, run } = await import('graphile-worker');
    const logger = new Logger(() => () => {});
    const client = await connectTo(postgres);
    const utils = await makeWorkerUtils({ connectionString: postgres.url, logger });
    await utils.migrate();
    /** @type {{ stop(): Promise<void> } | undefined} */
    let runner;
    return preparedLibrary({
      one: ({ job, due }) => utils.addJob(task, { job }, due ? { runAt: due } : {}),
      many: (submissions) =>
        utils.addJobs(
          submissions.map(({ job, due }) => ({ identifier: task, payload: { job }, ...(due && { runAt: due }) })),
        ),
      work: async ({ started, ended }) => {
        runner = await run({
          preset: { worker: { connectionString: postgres.url, ...worker } },
          events: new EventEmitter(),
          logger,
          noHandleSignals: true,
          parsedCronItems: [],
          taskList: {
            [task]: async (/** @type {{ job: number }} */ { job }) => {
              started(job);
              ended();
            },
          },
        });
      },
      allRecorded: async () => (await client.query('SELECT FROM graphile_worker._private_jobs LIMIT 1')).rowCount === 0,
      analyze: () => client.query('ANALYZE'),
      close: async () => {
        await runner?.stop();
        await utils.release();
        await client.end();
      },
    });
  },
});
