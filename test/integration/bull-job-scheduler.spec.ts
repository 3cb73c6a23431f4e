import { describe, expect, it } from '@jest/globals';
import type Bull from 'bull';
import { newId } from '../../src/kernel/ids.js';
import { doorbellName, doorbellQueue } from '../../src/queue/queue.js';
import { jobSchedulerContract } from '../contracts/job-scheduler.contract.js';
import type { Doorway } from '../contracts/job-scheduler.contract.js';
import { useDoorbellQueues } from '../support/doorbell-queues.js';
import { eventually } from '../support/eventually.js';

const queues = useDoorbellQueues();

/** Deletes what lies under the queue's own prefix and nothing else: other suites share the server. */
async function flush(queue: Bull.Queue, prefix: string): Promise<void> {
  const keys = await queue.client.keys(`${prefix}:*`);
  if (keys.length > 0) await queue.client.del(...keys);
}

async function openDoorway(): Promise<Doorway> {
  const { config, queue, scheduler } = await queues.open();
  const doorbells: { runIds: string[]; afterMs: number }[] = [];
  const openedMs = performance.now();
  void queue.process(doorbellName, 1, ({ data }) => {
    doorbells.push({ runIds: data.runIds, afterMs: performance.now() - openedMs });
    return Promise.resolve();
  });
  // Bull stumbles over a queue that is closed before its worker has given its name.
  await eventually(
    () => queue.getWorkers(),
    ({ length }) => length > 0,
  );
  return {
    scheduler,
    rung: (count) =>
      eventually(
        () => doorbells,
        ({ length }) => length >= count,
      ),
    flush: () => flush(queue, config.redis.prefix),
    aheadMs: config.engine.claimAheadMs,
  };
}

jobSchedulerContract('BullJobScheduler', openDoorway);

describe('Redis', () => {
  it('keeps nothing of a doorbell that has been answered', async () => {
    const { config, queue, scheduler } = await queues.open();
    const answered: string[] = [];
    void queue.process(doorbellName, 1, ({ data }) => {
      answered.push(...data.runIds);
      return Promise.resolve();
    });
    await scheduler.ring([{ runId: newId(), delayMs: 0 }]);
    await eventually(
      () => answered,
      ({ length }) => length === 1,
    );
    const jobs = await eventually(
      () => queue.client.keys(`${config.redis.prefix}:${doorbellQueue}:bell-*`),
      ({ length }) => length === 0,
    );
    expect(jobs).toEqual([]);
    expect(await queue.getJobCounts()).toMatchObject({ waiting: 0, active: 0, delayed: 0, completed: 0, failed: 0 });
  });

  it('is told to be away at once when it cannot be reached, instead of keeping everybody waiting', async () => {
    const { queue, scheduler } = await queues.open();
    queue.client.disconnect();
    const startedMs = performance.now();
    await expect(scheduler.ring([{ runId: newId(), delayMs: 0 }])).rejects.toThrow();
    await expect(scheduler.hasForgotten()).rejects.toThrow();
    await expect(scheduler.ping()).rejects.toThrow();
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });
});
