import { InjectQueue } from '@nestjs/bull';
import { Inject, Injectable } from '@nestjs/common';
import type { Queue } from 'bull';
import { Config } from '../../../config/config.js';
import { newId } from '../../../kernel/ids.js';
import { doorbellData, doorbellName, doorbellQueue } from '../../../queue/queue.js';
import type { DoorbellData } from '../../../queue/queue.js';
import { groupRings } from '../domain/doorbell.js';
import type { Ring } from '../../domain/ring.js';
import type { IJobScheduler } from '../interfaces/job-scheduler.js';

@Injectable()
export class BullJobScheduler implements IJobScheduler {
  constructor(
    @InjectQueue(doorbellQueue) private readonly queue: Queue<DoorbellData>,
    @Inject(Config) private readonly config: Config,
  ) {}

  async ring(rings: Ring[]): Promise<void> {
    const doorbells = groupRings(rings, this.config.engine.claimAheadMs);
    // Bull waits for ever for a connection that is not there; the commands themselves have a time limit.
    this.mustBeConnected();
    const added = await this.queue.addBulk(
      doorbells.map(({ runIds, userIds, delayMs }) => ({
        name: doorbellName,
        data: doorbellData(runIds, userIds),
        // Made here, new for each ringing, never numeric: Bull drops an id that it has seen, and its own restart at 1.
        opts: { jobId: `bell-${newId()}`, delay: delayMs },
      })),
    );
    // addBulk resolves although single additions failed; those have no id.
    const failed = added.filter((job) => !job?.id).length;
    if (failed > 0) throw new Error(`Redis refused ${failed} of ${added.length} doorbells`);
  }

  async hasForgotten(): Promise<boolean> {
    return (await this.queue.client.set(`${this.config.redis.prefix}:epoch`, newId(), 'NX')) === 'OK';
  }

  async ping(): Promise<void> {
    this.mustBeConnected();
    await this.queue.client.ping();
  }

  private mustBeConnected(): void {
    if (this.queue.client.status !== 'ready') throw new Error(`Redis is not connected (${this.queue.client.status})`);
  }
}
