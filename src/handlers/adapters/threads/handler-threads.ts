import { extname } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import { Piscina } from 'piscina';
import { Config } from '../../../config/config.js';
import type { Outcome } from '../../../runs/domain/outcome.js';
import { ThreadSlots } from './thread-slots.js';
import type { ThreadTask } from './thread-messages.js';

/** A thread that nobody needed for this long ends, in ms. */
const idleMs = 60_000;
/**
 * In MB; beside the limit, which is the old generation's. V8 keeps a reserve of 16 MB beyond that one, to end a thread in order, and
 * ends the whole process when it does not suffice: a collection may move there at once what has survived of the young generation.
 * Node.js 20 allows that one 48 MB and 24 allows it 192, with which one hoarding thread in seven took the process with it.
 */
const youngGenerationMb = 24;
/** Beside this file, with its extension: .js as built. */
const entry = new URL(`./thread-entry${extname(import.meta.url)}`, import.meta.url).href;

/** How Node.js starts a thread. */
export interface ThreadStart {
  /** Flags; those of the process unless given. */
  execArgv?: string[];
}
export const ThreadStart = Symbol('ThreadStart');

/**
 * Threads that run handlers: started when first needed, kept warm, used again. Their memory limit is fixed when they start, so
 * there is a pool for each limit; the places bound how many of all pools are at work.
 */
@Injectable()
export class HandlerThreads implements OnApplicationShutdown {
  readonly places: ThreadSlots;
  private readonly pools = new Map<number, Piscina<ThreadTask, Outcome>>();
  private readonly logger = new Logger('HandlerThreads');

  constructor(
    @Inject(Config) private readonly config: Config,
    @Inject(ThreadStart) private readonly start: ThreadStart,
  ) {
    this.places = new ThreadSlots(config.handlers.threads);
  }

  /**
   * Runs one attempt in a thread; to be called by who has a place.
   * @param end ends the thread, whatever it does
   * @throws (rejects) when the thread ended before it answered, or was ended
   */
  run(task: ThreadTask, memoryLimitMb: number, end: AbortSignal): Promise<Outcome> {
    const transferList: MessagePort[] = [task.port];
    return this.poolOf(memoryLimitMb).run(task, { filename: entry, signal: end, transferList });
  }

  memoryLimitMb(ofHandler: number | undefined): number {
    return ofHandler ?? this.config.handlers.threadMemoryMb;
  }

  /** Ends all threads. Attempts have been settled or handed back before. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.pools.values()].map((pool) => pool.destroy()));
  }

  private poolOf(memoryLimitMb: number): Piscina<ThreadTask, Outcome> {
    let pool = this.pools.get(memoryLimitMb);
    if (pool) return pool;
    pool = new Piscina<ThreadTask, Outcome>({
      ...this.start,
      minThreads: 0,
      maxThreads: this.config.handlers.threads,
      idleTimeout: idleMs,
      resourceLimits: { maxOldGenerationSizeMb: memoryLimitMb, maxYoungGenerationSizeMb: youngGenerationMb },
      // Waiting for work with Atomics would hold up what a handler keeps open between attempts, such as connections.
      atomics: 'disabled',
      recordTiming: false,
    });
    // What threw is a handler's, and may hold its secrets: only its kind is told.
    pool.on('error', (error: Error) =>
      this.logger.warn(
        `A thread ended while it ran no attempt: work that a handler had left behind threw ${error.name}.`,
      ),
    );
    this.pools.set(memoryLimitMb, pool);
    return pool;
  }
}
