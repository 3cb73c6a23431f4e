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

/** A process asks for a twentieth of the quota at a time, and for no more than this. */
const largestBlock = 10_000;
const blocksOfQuota = 20;
const mostKnown = 10_000;
/** A submission whose promise was made void so often is let in alone. */
const mostTries = 2;
/** After a count that found no room the next one waits four times as long as it took, and at most this, in ms. */
const longestRest = 1_000;
const restFactor = 4;

/** Places that this process has been promised and not given away. */
interface Block {
  limit: number;
  generation: PlacesGeneration;
  left: number;
}

/** What the last count found when there was not room enough. */
interface Full {
  limit: number;
  live: number;
  /** It speaks for those who had asked before it began, and for nobody else: room may have come since. */
  begun: number;
  /** Monotonic time before which there is no further count. */
  restUntil: number;
}

/** Whether the jobs of one submission have their places. */
export interface Admission {
  /** Whether the submission needs a transaction of its own. */
  readonly isAlone: boolean;
  /** What makes it good; null: no promise is needed. */
  readonly promised: PromisedPlaces | null;
  /** First of all in the submission's transaction. */
  begin(tx: Transaction): Promise<void>;
  /** Before anything is written. @throws conflict `LIVE_JOB_QUOTA_REACHED` */
  check(): void;
}

/** How many unfinished jobs a user may have. Exact however many submit at once, and without counting at each submission. */
@Injectable()
export class LiveJobQuota {
  private readonly blocks = new Map<string, Block>();
  private readonly full = new Map<string, Full>();
  private readonly turns = new KeyedMutex();
  /** Rises with each who asks and with each count, so that it is known which came first. */
  private order = 0;

  constructor(
    @Inject(ILiveJobPlaces) private readonly places: ILiveJobPlaces,
    @Inject(IClock) private readonly clock: IClock,
    private readonly quotas: QuotasService,
  ) {}

  /**
   * Does `work` with places for `count` jobs: all of them or none. Does it again when the places were counted anew meanwhile.
   * Work that turns out to need no place, a repeated submission, need not check.
   */
  async admitting<T>(userId: string, count: number, work: (admission: Admission) => Promise<T>): Promise<T> {
    for (let tries = 0; tries < mostTries; tries += 1) {
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
   * In the transaction that writes the jobs of these admissions, which may be one that is sent at once. What it rejects with
   * must end the transaction.
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

  /** Null where something has to be asked first. */
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
   * One at a time for each user, so that a burst asks for one block and not for a hundred. All who wait for a count share it.
   * @param asked when, by {@link order}
   */
  private async ask(userId: string, count: number, limit: number, asked: number): Promise<PlacesGeneration | null> {
    const held = this.takeFromBlock(userId, count, limit);
    if (held !== null) return held;
    const promised = await this.askForBlock(userId, count, limit);
    if (promised !== null) return promised;
    const full = this.full.get(userId);
    if (full?.limit === limit && full.live + count > limit && full.begun > asked) return null;
    if (full) await sleep(Math.max(0, full.restUntil - this.clock.monotonicMs()));
    const begun = (this.order += 1);
    const startedMs = this.clock.monotonicMs();
    const live = await this.places.recount(userId, limit);
    const endedMs = this.clock.monotonicMs();
    this.blocks.delete(userId);
    if (live + count <= limit) return this.askForBlock(userId, count, limit);
    const restUntil = endedMs + Math.min(longestRest, restFactor * (endedMs - startedMs));
    remember(this.full, userId, { limit, live, begun, restUntil });
    return null;
  }

  /** Asks for more than is needed now where the quota is large, else for what is needed. */
  private async askForBlock(userId: string, count: number, limit: number): Promise<PlacesGeneration | null> {
    const size = Math.max(count, Math.min(largestBlock, Math.floor(limit / blocksOfQuota)));
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

/** Bounded: what is forgotten is asked for again. */
function remember<T>(known: Map<string, T>, userId: string, value: T): void {
  known.delete(userId);
  known.set(userId, value);
  const [oldest] = known.keys();
  if (known.size > mostKnown && oldest !== undefined) known.delete(oldest);
}
