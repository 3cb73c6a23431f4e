import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import Bull from 'bull';
import { newId } from '../../src/kernel/ids.js';
import { doorbellName, doorbellQueue, queueOptions } from '../../src/queue/queue.js';
import type { DoorbellData } from '../../src/queue/queue.js';
import { RedisConnections } from '../../src/queue/redis-connections.js';
import { BullJobScheduler } from '../../src/runs/adapters/bull-job-scheduler.js';
import { jobSchedulerContract } from '../contracts/job-scheduler.contract.js';
import type { Doorway } from '../contracts/job-scheduler.contract.js';
import { eventually } from '../support/eventually.js';
import { startServices } from '../support/services.js';
import type { Services } from '../support/services.js';

let services: Services;
let opened: { queue: Bull.Queue; connections: RedisConnections }[] = [];

beforeAll(async () => {
  services = await startServices();
});

afterEach(async () => {
  for (const { queue, connections } of opened) {
    await queue.close(true);
    connections.closeAll();
  }
  opened = [];
});

afterAll(() => services.drop());

/** A queue under a prefix of its own, which is empty and new. */
async function openQueue() {
  const config = services.config({ REDIS_PREFIX: `{test-${newId()}}` });
  const connections = new RedisConnections(config);
  const queue: Bull.Queue<DoorbellData> = new Bull(doorbellQueue, queueOptions(config, connections));
  opened.push({ queue, connections });
  await queue.client.ping();
  return { config, queue, scheduler: new BullJobScheduler(queue, config) };
}

/** Deletes what lies under the queue's own prefix and nothing else: other suites share the server. */
async function flush(queue: Bull.Queue, prefix: string): Promise<void> {
  const keys = await queue.client.keys(`${prefix}:*`);
  if (keys.length > 0) await queue.client.del(...keys);
}

async function openDoorway(): Promise<Doorway> {
  const { config, queue, scheduler } = await openQueue();
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
    const { config, queue, scheduler } = await openQueue();
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
    const { queue, scheduler } = await openQueue();
    queue.client.disconnect();
    const startedMs = performance.now();
    await expect(scheduler.ring([{ runId: newId(), delayMs: 0 }])).rejects.toThrow();
    await expect(scheduler.hasForgotten()).rejects.toThrow();
    await expect(scheduler.ping()).rejects.toThrow();
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });
});
