import { Inject, Injectable, Logger } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import { IJobScheduler } from '../interfaces/job-scheduler.js';
import { IRunMetrics } from '../../interfaces/run-metrics.js';
import { IOwedDoorbells } from '../interfaces/owed-doorbells.js';

/**
 * Rings for what is owed a doorbell: runs that come within the horizon, and runs that were rung and that nobody came for.
 * A duty of its own, so that a Redis that is away holds up nothing else.
 */
@Injectable()
export class OwedDoorbellRinger {
  private readonly logger = new Logger(OwedDoorbellRinger.name);

  constructor(
    @Inject(IOwedDoorbells) private readonly rings: IOwedDoorbells,
    @Inject(IJobScheduler) private readonly scheduler: IJobScheduler,
    @Inject(IRunMetrics) private readonly metrics: IRunMetrics,
    @Inject(Config) private readonly config: Config,
  ) {}

  /** One round. @returns whether more is waiting */
  async ring(): Promise<boolean> {
    // Also proves that Redis answers: taking what cannot be rung would only push it into the future.
    if (await this.scheduler.hasForgotten()) await this.oweAll();
    const rings = await this.rings.takeOwed(this.config.engine.batchSize);
    if (rings.length > 0) await this.scheduler.ring(rings);
    this.metrics.rung(rings.length);
    return rings.length >= this.config.engine.batchSize;
  }

  private async oweAll(): Promise<void> {
    const owed = await this.rings.oweAll();
    if (owed > 0) this.logger.warn(`Redis has forgotten its doorbells: ringing again for ${owed} runs`);
  }
}
