import { Inject, Injectable, Logger } from '@nestjs/common';
import { IJobScheduler } from '../interfaces/job-scheduler.js';
import { IRunMetrics } from '../../interfaces/run-metrics.js';
import type { Ring } from '../../domain/ring.js';

/** Takes what can start in this process at once. @returns the others */
export type TakeLocally = (rings: Ring[]) => Ring[];

/**
 * Calls workers without making anybody wait: the one in this process for what is due and finds a place there, all of them,
 * by doorbells, for the rest. A run that nobody comes for, since the process died or a doorbell could not be rung, is owed
 * another by its row in PostgreSQL.
 */
@Injectable()
export class DoorbellDispatcher {
  private readonly logger = new Logger(DoorbellDispatcher.name);
  private readonly gathered: Ring[] = [];
  private quietUntilOk = false;
  private atHand: TakeLocally = (rings) => rings;

  constructor(
    @Inject(IJobScheduler) private readonly scheduler: IJobScheduler,
    @Inject(IRunMetrics) private readonly metrics: IRunMetrics,
  ) {}

  /** From now on, `worker` is asked before a doorbell is rung. */
  offerFirst(worker: TakeLocally): void {
    this.atHand = worker;
  }

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
    const gathered = this.gathered.splice(0);
    const rings = this.atHand(gathered);
    if (rings.length < gathered.length) this.metrics.rung(gathered.length - rings.length);
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
