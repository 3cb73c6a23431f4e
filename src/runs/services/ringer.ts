import { Inject, Injectable, Logger } from '@nestjs/common';
import { IJobScheduler } from '../interfaces/job-scheduler.js';
import { IRunMetrics } from '../interfaces/run-metrics.js';
import type { Ring } from '../domain/doorbell.js';

/** Rings doorbells without making anybody wait: one that cannot be rung is owed again by its row in PostgreSQL. */
@Injectable()
export class Ringer {
  private readonly logger = new Logger(Ringer.name);
  private quietUntilOk = false;

  constructor(
    @Inject(IJobScheduler) private readonly scheduler: IJobScheduler,
    @Inject(IRunMetrics) private readonly metrics: IRunMetrics,
  ) {}

  /** Returns at once and never fails. Call it only after the transaction that planned the runs has committed. */
  ringLater(rings: Ring[]): void {
    if (rings.length === 0) return;
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
