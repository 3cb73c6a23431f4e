import { Counts } from '../../../kernel/counts.js';
import { shareOf } from '../domain/fair-share.js';

/** Attempts that have begun in this process, by owner. */
export interface WorkUnderWay {
  /** Those whose handlers have not ended: at work, not yet due, or waiting for a place. */
  readonly busy: Counts;
  /** Those of them that wait for a place. */
  readonly waiting: number;
  waitingOf(userId: string): number;
  /** How many runs may be claimed beyond those that have places, so that one that falls free is taken at once. */
  readonly spare: number;
  spareOf(userId: string): number;
}

/** Runs claimed at most beyond the places of this worker. */
const maxSpare = 5_000;

/**
 * What each owner has of the places of a worker, or is about to get, and what it may still get. Those who have been claimed beyond
 * the places and wait for one take none: they must not keep others from a place that is free for them.
 */
export class Shares {
  /** Handler slots that claims under way will take. */
  readonly reserved = new Counts();
  /** Slots that reservations under way will take. */
  readonly kept = new Counts();

  constructor(
    private readonly size: number,
    private readonly work: WorkUnderWay,
  ) {}

  /** How many more runs of an owner may be claimed. */
  roomOf(userId: string): number {
    const spare = Math.min(this.work.spareOf(userId), Math.max(this.roomAhead, 0));
    return Math.max(this.shareOf(userId) + spare - this.heldOf(userId), 0);
  }

  /** How many more runs of an owner find a place of their own now. */
  placesFor(userId: string): number {
    return Math.max(this.shareOf(userId) - this.heldOf(userId), 0);
  }

  /** Handler slots that nobody has or is about to get. */
  get places(): number {
    return this.size - this.used;
  }

  /** How many runs may be claimed now, of whoever has not its share. */
  get room(): number {
    return Math.max(this.places, this.roomAhead, 0);
  }

  /** Owners who have something here. */
  get userIds(): string[] {
    return [...this.work.busy.names, ...this.reserved.names, ...this.kept.names];
  }

  private shareOf(userId: string): number {
    return shareOf(this.size, this.used - this.heldOf(userId) + this.work.waitingOf(userId));
  }

  private heldOf(userId: string): number {
    return this.work.busy.of(userId) + this.reserved.of(userId) + this.kept.of(userId);
  }

  private get held(): number {
    return this.work.busy.total + this.reserved.total + this.kept.total;
  }

  private get used(): number {
    return this.held - this.work.waiting;
  }

  private get roomAhead(): number {
    return this.size + Math.min(this.work.spare, maxSpare) - this.held;
  }
}
