import { InjectQueue } from '@nestjs/bull';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Job, Queue } from 'bull';
import { Config } from '../../config/config.js';
import { isId } from '../../kernel/ids.js';
import { doorbellName, doorbellQueue } from '../../queue/queue.js';
import type { DoorbellData } from '../../queue/queue.js';
import { RunWorker } from '../services/run-worker.js';

/** Answers doorbells. What Bull says carries no weight: whatever comes, the claim in PostgreSQL decides. */
@Injectable()
export class DoorbellProcessor {
  private readonly logger = new Logger(DoorbellProcessor.name);

  constructor(
    @InjectQueue(doorbellQueue) private readonly queue: Queue<DoorbellData>,
    @Inject(Config) private readonly config: Config,
    private readonly worker: RunWorker,
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
    const runIds = (job.data?.runIds ?? []).filter((id) => typeof id === 'string' && isId(id));
    if (runIds.length > 0) await this.worker.offer(runIds);
  }
}
