import { afterAll, afterEach, beforeAll } from '@jest/globals';
import Bull from 'bull';
import { newId } from '../../src/kernel/ids.js';
import { doorbellQueue, queueOptions } from '../../src/queue/queue.js';
import type { DoorbellData } from '../../src/queue/queue.js';
import { RedisConnections } from '../../src/queue/redis-connections.js';
import { BullJobScheduler } from '../../src/runs/dispatch/adapters/bull-job-scheduler.js';
import { startServices } from './services.js';
import type { Services } from './services.js';

/** Doorbell queues on a real Redis, each under a prefix of its own, which is empty and new. */
class DoorbellQueues {
  private readonly opened: { queue: Bull.Queue; connections: RedisConnections }[] = [];

  constructor(private readonly services: () => Pick<Services, 'config'>) {}

  async open() {
    const config = this.services().config({ REDIS_PREFIX: `{test-${newId()}}` });
    const connections = new RedisConnections(config);
    const queue: Bull.Queue<DoorbellData> = new Bull(doorbellQueue, queueOptions(config, connections));
    this.opened.push({ queue, connections });
    await queue.client.ping();
    return { config, queue, scheduler: new BullJobScheduler(queue, config) };
  }

  async closeAll(): Promise<void> {
    for (const { queue, connections } of this.opened.splice(0)) {
      await queue.close(true);
      connections.closeAll();
    }
  }
}

/** For the tests of one suite: what a test has opened is closed after it. */
export function useDoorbellQueues(): DoorbellQueues {
  let services: Services;
  const queues = new DoorbellQueues(() => services);
  beforeAll(async () => {
    services = await startServices();
  });
  afterEach(() => queues.closeAll());
  afterAll(() => services.drop());
  return queues;
}
