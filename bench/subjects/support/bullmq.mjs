import { preparedLibrary } from './library.mjs';

export const concurrency = 50;

/**
 * BullMQ, on whichever of its backends.
 *
 * @param {object} backend
 * @param {new (name: string, options: object) => any} backend.Queue
 * @param {new (name: string, handler: (job: any) => Promise<void>, options: object) => any} backend.Worker
 * @param {object} backend.connection
 * @param {object} [backend.workerConnection]
 * @param {Pick<import('./library.mjs').Library, 'analyze' | 'leadMs'>} [backend.library]
 * @returns {Promise<import('../../subject.d.ts').Prepared>}
 */
export async function prepareBullMq({ Queue, Worker, connection, workerConnection = connection, library }) {
  const queue = new Queue('bench', { connection, defaultJobOptions: { removeOnComplete: true } });
  await queue.waitUntilReady();
  /** @type {any} */
  let worker;
  return preparedLibrary({
    ...library,
    one: ({ job, due }) => queue.add('noop', { job }, dueAt(due)),
    many: (submissions) =>
      queue.addBulk(submissions.map(({ job, due }) => ({ name: 'noop', data: { job }, opts: dueAt(due) }))),
    work: async ({ started, ended }) => {
      const handler = async (/** @type {{ data: { job: number } }} */ { data }) => started(data.job);
      worker = new Worker('bench', handler, { connection: workerConnection, concurrency });
      worker.on('completed', ended);
      worker.on('error', (/** @type {Error} */ error) => console.error(error));
      await worker.waitUntilReady();
    },
    close: async () => {
      await worker?.close(true);
      await queue.close();
    },
  });
}

/** @param {Date | undefined} due */
function dueAt(due) {
  if (!due) return {};
  const timestamp = Date.now();
  return { timestamp, delay: due.getTime() - timestamp };
}
