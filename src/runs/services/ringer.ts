import { Inject, Injectable, Logger } from '@nestjs/common';
import { IJobScheduler } from '../interfaces/job-scheduler.js';
import { IRunMetrics } from '../interfaces/run-metrics.js';
import type { Ring } from '../domain/doorbell.js';

/** Rings doorbells without making anybody wait: one that cannot be rung is owed again by its row in PostgreSQL. */
@Injectable()
export class Ringer {
  private readonly logger = new Logger(Ringer.name);
  private readonly gathered: Ring[] = [];
  private quietUntilOk = false;

  constructor(
    @Inject(IJobScheduler) private readonly scheduler: IJobScheduler,
    @Inject(IRunMetrics) private readonly metrics: IRunMetrics,
  ) {}

  /**
   * Returns at once and never fails. Call it only after the transaction that planned the runs has committed. What is planned
   * at the same moment, such as by requests that came together, is rung for in one go and may share doorbells.
   */
  ringLater(rings: Ring[]): void {
    if (rings.length === 0) return;
    if (this.gathered.length === 0) setImmediate(() => this.ringGathered());
    for (const ring of rings) this.gathered.push(ring);
  }

  private ringGathered(): void {
    const rings = this.gathered.splice(0);
    this.scheduler.ring(rings).then(
      () => {
        this.quietUntilOk = false;
        this.metrics.rung(rings.length);
      },
      (error: unknown) => {
        if (!this.quietUntilOk) this.logger.warn(`Could not ring: ${String(error)}. The ticker will.`);
        this.quietUntilOk = true;
      },
    );
  }
}
