import { InjectQueue } from '@nestjs/bull';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Job, Queue } from 'bull';
import { Config } from '../../../config/config.js';
import { doorbellName, doorbellQueue, runsNamedIn } from '../../../queue/queue.js';
import type { DoorbellData } from '../../../queue/queue.js';
import { WaitingDoorbells } from '../../../queue/waiting-doorbells.js';
import { RunWorker } from '../services/run-worker.js';

/** With so many doorbells in hand, Bull's own work for each of those that wait is worth saving. */
const crowd = 16;
/** Runs for which waiting doorbells are taken at once, at most and at least. */
const most = 500;
const least = 16;

/** Answers doorbells. What Bull says carries no weight: whatever comes, the claim in PostgreSQL decides. */
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

  /** Starts to listen. Bull's own pause is local: nothing of it is kept in Redis. */
  listen(): void {
    this.queue
      .process(doorbellName, this.config.engine.concurrency, (job) => this.answer(job))
      .catch((error: unknown) => this.logger.error(`Listening ended: ${String(error)}`));
  }

  /** Takes no further doorbell; does not wait for what is in hand. */
  async stopListening(): Promise<void> {
    await this.queue.pause(true, true);
  }

  private async answer(job: Job<Partial<DoorbellData>>): Promise<void> {
    // A job whose hash was evicted or flushed arrives empty (Bull #850); it is answered and forgotten.
    const runs = runsNamedIn(job.data ?? {});
    if (runs.length === 0) return;
    this.inHand += 1;
    if (this.inHand >= crowd) this.gather();
    await this.worker.offer(runs);
    this.inHand -= 1;
  }

  /** Takes what waits in Redis for a worker, as far as this one has room: with every doorbell of its own, Bull is what limits. */
  private gather(): void {
    const room = Math.min(this.worker.room, most);
    if (this.isGathering || room < least) return;
    this.isGathering = true;
    this.waiting
      .take(room)
      .then((runs) => void this.worker.offer(runs))
      .catch((error: unknown) => this.logger.debug(`Could not take doorbells that wait: ${String(error)}`))
      .finally(() => (this.isGathering = false));
  }
}
