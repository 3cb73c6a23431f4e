import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { IClock } from '../../kernel/clock.js';
import { Prunables } from '../../kernel/retention.js';
import type { Prunable } from '../../kernel/retention.js';
import { IRetentionMetrics } from '../interfaces/retention-metrics.js';

/** Shortest pause between two steps, in ms; a step that took longer is followed by a pause as long as itself. */
const shortestPauseMs = 20;
/** A pass that goes on for long says how far it is once in so many ms. */
const progressMs = 30_000;

/**
 * Prunes what is older than it is kept, in steps that each look at a bounded number of rows and commit. It works at most
 * half of the time, so that a slow database is not slowed further. Any number of pruners may work at once.
 */
@Injectable()
export class Pruner {
  private readonly logger = new Logger(Pruner.name);
  private readonly stopping = new AbortController();

  constructor(
    @Inject(Prunables) private readonly prunables: Prunables,
    @Inject(IRetentionMetrics) private readonly metrics: IRetentionMetrics,
    @Inject(IClock) private readonly clock: IClock,
    @Inject(Config) private readonly config: Config,
  ) {}

  /**
   * One pass over all that is pruned. What fails keeps nothing else from being pruned.
   * @throws the first failure, when the pass has ended
   */
  async prune(): Promise<void> {
    const failures: unknown[] = [];
    for (const prunable of this.prunables.all())
      try {
        await this.pruneAll(prunable);
      } catch (error) {
        failures.push(error);
      }
    if (failures.length > 0 && !this.stopping.signal.aborted) throw failures[0];
  }

  /** Breaks a pass off after the step under way; the next pass goes on with what is left. */
  stop(): void {
    this.stopping.abort();
  }

  private async pruneAll(prunable: Prunable): Promise<void> {
    const { name } = prunable;
    const startedMs = this.clock.monotonicMs();
    let toldMs = startedMs;
    let total = 0;
    let after: string | null = null;
    while (!this.stopping.signal.aborted) {
      const stepMs = this.clock.monotonicMs();
      const { deleted, next } = await prunable.prune(after, this.config.retention.batchSize);
      const tookMs = this.clock.monotonicMs() - stepMs;
      this.metrics.pruned(name, deleted, tookMs);
      total += deleted;
      after = next;
      if (after === null) break;
      if (stepMs - toldMs >= progressMs) {
        toldMs = stepMs;
        this.logger.log(`Pruning ${named(name)}: ${total} are gone, more may be`);
      }
      await this.pause(Math.max(tookMs, shortestPauseMs));
    }
    const seconds = ((this.clock.monotonicMs() - startedMs) / 1_000).toFixed(1);
    if (total > 0) this.logger.log(`Pruned ${total} ${named(name)} in ${seconds} s`);
  }

  private async pause(ms: number): Promise<void> {
    // A pause that is broken off is no failure: the loop sees that it shall stop.
    await sleep(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}

const named = (name: string): string => name.replaceAll('_', ' ');
