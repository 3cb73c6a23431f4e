import { Counts } from '../../../kernel/counts.js';
import { shareOf } from '../domain/fair-share.js';

/** Attempts of this process that have not ended, by owner. */
export interface WorkUnderWay {
  /** Attempts whose handlers have not ended: they run, are not due yet, or wait for a handler slot. */
  readonly busy: Counts;
  /** Attempts that wait for a handler slot. */
  readonly waiting: number;
  waitingOf(userId: string): number;
  /** How many runs may be claimed beyond the handler slots, so that a slot that becomes free is used at once. */
  readonly spare: number;
  spareOf(userId: string): number;
}

/** Maximum of runs claimed beyond the handler slots of this worker. */
const maxSpare = 5_000;

/**
 * Counts the handler slots of a worker that each owner uses or is about to use, and those that it may still get. A claimed run
 * that waits for a slot uses none: it must not keep other owners from a slot that is free for them.
 */
export class Shares {
  /** Handler slots reserved for claims in flight. */
  readonly forClaims = new Counts();
  /** Handler slots reserved for runs that are about to be inserted already claimed. */
  readonly forInserts = new Counts();

  constructor(
    private readonly size: number,
    private readonly work: WorkUnderWay,
  ) {}

  /** How many more runs of an owner may be claimed. */
  roomOf(userId: string): number {
    const spare = Math.min(this.work.spareOf(userId), Math.max(this.roomAhead, 0));
    return Math.max(this.shareOf(userId) + spare - this.heldOf(userId), 0);
  }

  /** How many more runs of an owner would get a handler slot now. */
  slotsFor(userId: string): number {
    return Math.max(this.shareOf(userId) - this.heldOf(userId), 0);
  }

  /** Handler slots that are neither in use nor reserved. */
  get slots(): number {
    return this.size - this.used;
  }

  /** How many runs may be claimed now, of owners below their share. */
  get room(): number {
    return Math.max(this.slots, this.roomAhead, 0);
  }

  /** Owners with attempts or reserved slots here. */
  get userIds(): string[] {
    return [...this.work.busy.names, ...this.forClaims.names, ...this.forInserts.names];
  }

  private shareOf(userId: string): number {
    return shareOf(this.size, this.used - this.heldOf(userId) + this.work.waitingOf(userId));
  }

  private heldOf(userId: string): number {
    return this.work.busy.of(userId) + this.forClaims.of(userId) + this.forInserts.of(userId);
  }

  private get held(): number {
    return this.work.busy.total + this.forClaims.total + this.forInserts.total;
  }

  private get used(): number {
    return this.held - this.work.waiting;
  }

  private get roomAhead(): number {
    return this.size + Math.min(this.work.spare, maxSpare) - this.held;
  }
}
