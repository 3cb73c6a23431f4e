import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { IClock } from '../../kernel/clock.js';
import type { DomainError } from '../../kernel/errors.js';
import type { Transaction } from '../../kernel/transaction.js';
import { quotaReached } from '../../quotas/domain/quotas.js';
import { QuotasService } from '../../quotas/services/quotas.service.js';
import { ILiveJobPlaces, PlacesVoid } from '../interfaces/live-job-places.js';
import type { PlacesGeneration, PromisedPlaces } from '../interfaces/live-job-places.js';
import { KeyedMutex } from './keyed-mutex.js';

/** A process reserves one `blocksPerQuota`-th of the quota at a time, and at most `maxBlock` places. */
const maxBlock = 10_000;
const blocksPerQuota = 20;
/** Maximum number of users in each map. */
const maxKnown = 10_000;
/** A submission whose promise was void in this many tries is admitted alone. */
const maxTries = 2;
/** After a count that found too few places, the next count waits `pauseFactor` times its duration, at most `maxPauseMs`. */
const maxPauseMs = 1_000;
const pauseFactor = 4;

/** Places that the store has promised to this process and that no submission uses yet. */
interface Block {
  limit: number;
  generation: PlacesGeneration;
  left: number;
}

/** The result of the last count that found too few free places. */
interface Full {
  limit: number;
  live: number;
  /** Start of the count, by `order`. It refuses only submissions that asked before its start: places may have become free since. */
  begun: number;
  /** Monotonic time before which no other count starts. */
  pauseUntil: number;
}

/** Whether the jobs of one submission have their places. */
export interface Admission {
  /** Whether the submission needs a transaction of its own. */
  readonly isAlone: boolean;
  /** The promise that covers the submission; null when it needs none. */
  readonly promised: PromisedPlaces | null;
  /** Call it first in the submission's transaction. */
  begin(tx: Transaction): Promise<void>;
  /** Call it before the first write. @throws conflict `LIVE_JOB_QUOTA_REACHED` */
  check(): void;
}

/** Limits a user's unfinished jobs. The limit is exact under simultaneous submissions, without a count at each submission. */
@Injectable()
export class LiveJobQuota {
  private readonly blocks = new Map<string, Block>();
  private readonly full = new Map<string, Full>();
  private readonly turns = new KeyedMutex();
  /** Rises with each request and with each count, so that the two can be ordered. */
  private order = 0;

  constructor(
    @Inject(ILiveJobPlaces) private readonly places: ILiveJobPlaces,
    @Inject(IClock) private readonly clock: IClock,
    private readonly quotas: QuotasService,
  ) {}

  /**
   * Runs `work` with places for `count` jobs: for all of them or for none. Runs it again when a count has made its places void.
   * Work that needs no place after all, such as a repeated submission, need not call `check`.
   */
  async admitting<T>(userId: string, count: number, work: (admission: Admission) => Promise<T>): Promise<T> {
    for (let tries = 0; tries < maxTries; tries += 1) {
      const admission = this.admitAtOnce(userId, count) ?? (await this.admit(userId, count));
      try {
        return await work(admission);
      } catch (error) {
        if (!(error instanceof PlacesVoid)) throw error;
        if (this.blocks.get(userId)?.generation === admission.promised?.generation) this.blocks.delete(userId);
      }
    }
    const { liveJobs: limit } = this.quotas.known(userId) ?? (await this.quotas.of(userId));
    return work(limit === 0 ? unlimited : this.alone(userId, count, limit));
  }

  /**
   * Call it in the transaction that writes the jobs of these admissions; `ITransactionRunner.atOnce` may run it. A rejection must
   * end the transaction.
   */
  async confirm(tx: Transaction, admissions: readonly Admission[]): Promise<void> {
    const promises = admissions.flatMap(({ promised }) => promised ?? []);
    const distinct = new Map(promises.map((promised) => [`${promised.userId} ${promised.generation}`, promised]));
    if (distinct.size > 0) await this.places.hold(tx, [...distinct.values()]);
  }

  private alone(userId: string, count: number, limit: number): Admission {
    let live = limit;
    return {
      ...unlimited,
      isAlone: true,
      begin: async (tx) => {
        live = await this.places.recountAlone(tx, userId, count, limit);
      },
      check: () => {
        if (live + count > limit) throw reached(limit, live, count);
      },
    };
  }

  /** Null where a query is needed first. */
  private admitAtOnce(userId: string, count: number): Admission | null {
    const limit = this.quotas.known(userId)?.liveJobs;
    if (limit === undefined) return null;
    if (limit === 0) return unlimited;
    const generation = this.takeFromBlock(userId, count, limit);
    return generation === null ? null : { ...unlimited, promised: { userId, generation } };
  }

  private async admit(userId: string, count: number): Promise<Admission> {
    const { liveJobs: limit } = this.quotas.known(userId) ?? (await this.quotas.of(userId));
    if (limit === 0) return unlimited;
    const asked = (this.order += 1);
    const generation =
      this.takeFromBlock(userId, count, limit) ??
      (await this.turns.take(userId, () => this.ask(userId, count, limit, asked)));
    if (generation !== null) return { ...unlimited, promised: { userId, generation } };
    const used = this.full.get(userId)?.live ?? limit;
    return {
      ...unlimited,
      check: () => {
        throw reached(limit, used, count);
      },
    };
  }

  private takeFromBlock(userId: string, count: number, limit: number): PlacesGeneration | null {
    const block = this.blocks.get(userId);
    if (block?.limit !== limit || block.left < count) return null;
    block.left -= count;
    return block.generation;
  }

  /**
   * Runs one at a time for each user, so that a burst reserves one block and not a hundred. Submissions that wait for a count share
   * its result.
   * @param asked time of the request, by {@link order}
   */
  private async ask(userId: string, count: number, limit: number, asked: number): Promise<PlacesGeneration | null> {
    const held = this.takeFromBlock(userId, count, limit);
    if (held !== null) return held;
    const promised = await this.askForBlock(userId, count, limit);
    if (promised !== null) return promised;
    const full = this.full.get(userId);
    if (full?.limit === limit && full.live + count > limit && full.begun > asked) return null;
    if (full) await sleep(Math.max(0, full.pauseUntil - this.clock.monotonicMs()));
    const begun = (this.order += 1);
    const startedMs = this.clock.monotonicMs();
    const live = await this.places.recount(userId, limit);
    const endedMs = this.clock.monotonicMs();
    this.blocks.delete(userId);
    if (live + count <= limit) return this.askForBlock(userId, count, limit);
    const pauseUntil = endedMs + Math.min(maxPauseMs, pauseFactor * (endedMs - startedMs));
    remember(this.full, userId, { limit, live, begun, pauseUntil });
    return null;
  }

  /** Reserves a whole block where the quota is large and has room for it; otherwise the `count` places alone. */
  private async askForBlock(userId: string, count: number, limit: number): Promise<PlacesGeneration | null> {
    const size = Math.max(count, Math.min(maxBlock, Math.floor(limit / blocksPerQuota)));
    const generation = await this.places.promise(userId, size, limit);
    if (generation === null) return size > count ? this.places.promise(userId, count, limit) : null;
    const before = this.blocks.get(userId);
    const same = before?.limit === limit && before.generation === generation;
    remember(this.blocks, userId, { limit, generation, left: size - count + (same ? before.left : 0) });
    return generation;
  }
}

const unlimited: Admission = {
  isAlone: false,
  promised: null,
  begin: async () => undefined,
  check: () => undefined,
};

const reached = (allowed: number, used: number, count: number): DomainError =>
  quotaReached(
    'conflict',
    'LIVE_JOB_QUOTA_REACHED',
    `You may have ${allowed} unfinished jobs and have ${used}; ${count} more would be too many. Cancel or delete some, or ask an administrator.`,
    { quota: 'liveJobs', allowed, used },
  );

/** Keeps at most `maxKnown` users; a forgotten value is queried again. */
function remember<T>(known: Map<string, T>, userId: string, value: T): void {
  known.delete(userId);
  known.set(userId, value);
  const [oldest] = known.keys();
  if (known.size > maxKnown && oldest !== undefined) known.delete(oldest);
}
