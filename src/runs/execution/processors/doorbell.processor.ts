import { InjectQueue } from '@nestjs/bull';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Job, Queue } from 'bull';
import { Config } from '../../../config/config.js';
import { doorbellName, doorbellQueue, runsNamedIn } from '../../../queue/queue.js';
import type { DoorbellData } from '../../../queue/queue.js';
import { WaitingDoorbells } from '../../../queue/waiting-doorbells.js';
import { RunWorker } from '../services/run-worker.js';

/** With this many doorbells in progress, waiting ones are taken in bulk, which saves Bull's work for each of them. */
const bulkFrom = 16;
/** Bounds of the runs for which waiting doorbells are taken in bulk: fewer than the minimum are left to Bull. */
const maxBulk = 500;
const minBulk = 16;

/** Answers doorbells. A doorbell proves nothing: only the claim in PostgreSQL decides whether a run starts. */
@Injectable()
export class DoorbellProcessor {
  private readonly logger = new Logger(DoorbellProcessor.name);
  private inHand = 0;
  private isGathering = false;

  constructor(
    @InjectQueue(doorbellQueue) private readonly queue: Queue<DoorbellData>,
    @Inject(Config) private readonly config: Config,
    private readonly worker: RunWorker,
    private readonly waiting: WaitingDoorbells,
  ) {}

  /** Starts to take doorbells. */
  listen(): void {
    this.queue
      .process(doorbellName, this.config.engine.concurrency, (job) => this.answer(job))
      .catch((error: unknown) => this.logger.error(`Listening ended: ${String(error)}`));
  }

  /** Takes no further doorbell. Does not wait for those in progress. The pause is local: Redis keeps nothing of it. */
  async stopListening(): Promise<void> {
    await this.queue.pause(true, true);
  }

  private async answer(job: Job<Partial<DoorbellData>>): Promise<void> {
    // A Bull job whose hash was evicted or flushed arrives empty (Bull #850). It is answered without further work.
    const runs = runsNamedIn(job.data ?? {});
    if (runs.length === 0) return;
    this.inHand += 1;
    if (this.inHand >= bulkFrom) this.gather();
    await this.worker.offer(runs);
    this.inHand -= 1;
  }

  /** Takes waiting doorbells from Redis in bulk, as far as this worker has room: one at a time, Bull would be the bottleneck. */
  private gather(): void {
    const room = Math.min(this.worker.room, maxBulk);
    if (this.isGathering || room < minBulk) return;
    this.isGathering = true;
    this.waiting
      .take(room)
      .then((runs) => void this.worker.offer(runs))
      .catch((error: unknown) => this.logger.debug(`Could not take waiting doorbells: ${String(error)}`))
      .finally(() => (this.isGathering = false));
  }
}
