import { expect, it } from '@jest/globals';
import { newId } from '../../src/kernel/ids.js';
import { doorbellName } from '../../src/queue/queue.js';
import { WaitingDoorbells } from '../../src/queue/waiting-doorbells.js';
import type { IJobScheduler } from '../../src/runs/dispatch/interfaces/job-scheduler.js';
import { useDoorbellQueues } from '../support/doorbell-queues.js';
import { eventually } from '../support/eventually.js';

const queues = useDoorbellQueues();

/** Takes doorbells. @returns the runs that they name */
const taking =
  (bells: WaitingDoorbells) =>
  async (most: number): Promise<string[]> =>
    (await bells.take(most)).map(({ runId }) => runId);

const newIds = (count: number): string[] => Array.from({ length: count }, newId);

/** Rings for each alone, one after the other. */
async function ringForEach(scheduler: IJobScheduler, runIds: string[]): Promise<void> {
  for (const runId of runIds) await scheduler.ring([{ runId, delayMs: 0 }]);
}

it('takes the oldest first, each once, and leaves nothing of them in Redis', async () => {
  const { queue, scheduler } = await queues.open();
  const runIds = newIds(30);
  await ringForEach(scheduler, runIds);
  const take = taking(new WaitingDoorbells(queue));
  expect(await take(20)).toEqual(runIds.slice(0, 20));
  expect(await queue.getJobCounts()).toMatchObject({ waiting: 10, active: 0 });
  expect(await take(20)).toEqual(runIds.slice(20));
  expect(await take(20)).toEqual([]);
  expect(await queue.client.keys(queue.toKey('bell-*'))).toEqual([]);
});

it('takes no doorbell that names more runs than there is room for, and none whose time has not come', async () => {
  const { queue, scheduler } = await queues.open();
  const [alone, later, ...together] = newIds(52) as [string, string, ...string[]];
  await scheduler.ring([{ runId: alone, delayMs: 0 }]);
  await scheduler.ring(together.map((runId) => ({ runId, delayMs: 0 })));
  await scheduler.ring([{ runId: later, delayMs: 60_000 }]);
  const take = taking(new WaitingDoorbells(queue));
  expect(await take(50)).toEqual([alone]);
  expect(await take(49)).toEqual([]);
  expect(new Set(await take(50))).toEqual(new Set(together));
  expect(await queue.getJobCounts()).toMatchObject({ waiting: 0, delayed: 1 });
});

it('drops what has lost its data or is none of ours, and loses nothing beside it', async () => {
  const { queue, scheduler } = await queues.open();
  const [first, second] = newIds(2) as [string, string];
  await scheduler.ring([{ runId: first, delayMs: 0 }]);
  await queue.client.lpush(queue.toKey('wait'), 'bell-of-nobody', 'foreign');
  await queue.client.hset(queue.toKey('foreign'), 'data', 'not JSON');
  await scheduler.ring([{ runId: second, delayMs: 0 }]);
  expect(await taking(new WaitingDoorbells(queue))(10)).toEqual([first, second]);
  expect(await queue.getJobCounts()).toMatchObject({ waiting: 0 });
});

it('gives each doorbell to one only, beside a worker that Bull hands them to', async () => {
  const { queue, scheduler } = await queues.open();
  const heard: string[] = [];
  const hear = (runIds: unknown[]) => void heard.push(...(runIds as string[]));
  void queue.process(doorbellName, 8, async ({ data }) => {
    hear(data.runIds);
  });
  const take = taking(new WaitingDoorbells(queue));
  const runIds = newIds(400);
  await Promise.all([
    ringForEach(scheduler, runIds),
    (async () => {
      while (heard.length < runIds.length) hear(await take(7));
    })(),
  ]);
  expect([...heard].sort()).toEqual([...runIds].sort());
  const counts = await eventually(
    () => queue.getJobCounts(),
    ({ active }) => active === 0,
  );
  expect(counts).toMatchObject({ waiting: 0, failed: 0 });
});

it('says whose the runs are, as far as whoever rang knew, also of doorbells that earlier versions rang', async () => {
  const { queue, scheduler } = await queues.open();
  const [one, other, unknown, earlier, ann, bob] = newIds(6) as [string, string, string, string, string, string];
  const now = { delayMs: 0 };
  await scheduler.ring([{ runId: one, userId: ann, ...now }]);
  await scheduler.ring([
    { runId: one, userId: ann, ...now },
    { runId: other, userId: bob, ...now },
    { runId: unknown, ...now },
  ]);
  await queue.add(doorbellName, { runIds: [earlier] });
  const bells = new WaitingDoorbells(queue);
  // The first counts as one run, whatever else it carries.
  expect(await bells.take(1)).toEqual([{ runId: one, userId: ann }]);
  expect(await bells.take(3)).toEqual([
    { runId: one, userId: ann },
    { runId: other, userId: bob },
    { runId: unknown, userId: null },
  ]);
  expect(await bells.take(1)).toEqual([{ runId: earlier, userId: null }]);
});
