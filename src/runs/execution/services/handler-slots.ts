import type { Abort } from '../../../kernel/abort.js';
import { shareOf } from '../domain/fair-share.js';

/** Length of the windows in which ends are counted, in ms. */
const windowMs = 50;

/** What an idle worker may claim ahead is what it expects to get done in such a time, in ms: no later than if others took it. */
const aheadMs = 20;
/** Share of the latest handler in the mean time that they take. */
const weight = 0.05;
/** No handler counts as faster than this, in ms: the clock's own reading takes its time. */
const shortestMs = 0.02;

interface Waiting {
  turn: (taken: boolean) => void;
  abort: Abort;
  sinceMs: number;
}

/** What one owner has of the places. */
interface Owner {
  readonly userId: string;
  taken: number;
  readonly queue: Waiting[];
  endedBefore: number;
  endedNow: number;
}

/**
 * Handler slots for handlers: so many work at a time, each owner at most with its share (`shareOf`). The others wait, those of one owner in
 * the order in which they came, the owners by turns.
 *
 * A worker may claim a few runs more than it has places, so that the next handler starts when one ends rather than when the
 * next claim is answered. How many is what it has shown to get done: while an owner has its share of the places, as many as have
 * ended of its runs in the last 50 to 100 ms; else as many as would end in 20 ms if each took what handlers have taken of late. So a
 * burst is claimed before it is due, and a worker whose handlers take long claims nothing that another could start. What it has
 * claimed in error, because handlers have become slow, is turned away to be handed back.
 */
export class HandlerSlots {
  private readonly owners = new Map<string, Owner>();
  /** Those who have somebody waiting, in the order of their turns. */
  private readonly inLine = new Set<Owner>();
  private taken = 0;
  private queued = 0;
  /** Of all owners. */
  private endedBefore = 0;
  private endedNow = 0;
  private windowEndsMs = 0;
  private meanMs: number | null = null;

  constructor(private readonly size: number) {}

  /**
   * Calls `turn` once: with true when a place is taken, now or later; with false, without one, when it has been aborted by then.
   * @param userId whose run takes it
   * @param nowMs monotonic
   * @returns whether it waits for its turn
   */
  take(userId: string, abort: Abort, nowMs: number, turn: (taken: boolean) => void): boolean {
    const owner = this.ownerOf(userId);
    const isFree = !this.hasShare(owner);
    if (abort.aborted || isFree) {
      if (!abort.aborted) this.sit(owner, 1);
      turn(!abort.aborted);
      return false;
    }
    const waiting = { turn, abort, sinceMs: nowMs };
    owner.queue.push(waiting);
    this.queued += 1;
    this.inLine.add(owner);
    abort.onAbort(() => this.leave(owner, waiting));
    return true;
  }

  /** @param userId whose run had it @param nowMs monotonic @param tookMs what the handler took; null: it was not called */
  give(userId: string, nowMs: number, tookMs: number | null): void {
    this.roll(nowMs);
    const owner = this.ownerOf(userId);
    owner.endedNow += 1;
    this.endedNow += 1;
    if (tookMs !== null) this.meanMs = this.meanMs === null ? tookMs : this.meanMs + weight * (tookMs - this.meanMs);
    this.sit(owner, -1);
    for (let next = this.next(); next; next = this.next()) next.turn(true);
  }

  /** How many runs may wait for a place beyond those that have one. @param nowMs monotonic */
  spare(nowMs: number): number {
    this.roll(nowMs);
    const ended = this.endedBefore + this.endedNow;
    return this.taken < this.size ? Math.max(ended, this.expected) : ended;
  }

  /** How many of them may be of one owner. @param nowMs monotonic */
  spareOf(userId: string, nowMs: number): number {
    this.roll(nowMs);
    const owner = this.owners.get(userId);
    if (!owner) return this.taken < this.size ? this.expected : 0;
    const ended = owner.endedBefore + owner.endedNow;
    return this.hasShare(owner) ? ended : Math.max(ended, this.expected);
  }

  /** Runs that wait for a place. */
  get waiting(): number {
    return this.queued;
  }

  waitingOf(userId: string): number {
    return this.owners.get(userId)?.queue.length ?? 0;
  }

  /** Aborts, with `reason`, what has waited for a place since `untilMs` or longer. @returns whether others still wait */
  turnAway(untilMs: number, reason: string): boolean {
    for (const { queue } of [...this.inLine])
      for (let first = queue[0]; first && first.sinceMs <= untilMs; first = queue[0]) first.abort.abort(reason);
    return this.queued > 0;
  }

  /** As many as would end if an owner alone had its share. */
  private get expected(): number {
    const share = shareOf(this.size, 0);
    return this.meanMs === null ? 0 : Math.floor((share * aheadMs) / Math.max(this.meanMs, shortestMs));
  }

  private hasShare({ taken }: Owner): boolean {
    return taken >= shareOf(this.size, this.taken - taken);
  }

  /** Gives a place to the first whose turn it is. Whoever has got one stands behind the others for the next. */
  private next(): Waiting | undefined {
    if (this.queued === 0 || this.taken >= this.size) return undefined;
    for (const owner of this.inLine) {
      if (this.hasShare(owner)) continue;
      const waiting = owner.queue.shift();
      this.inLine.delete(owner);
      if (owner.queue.length > 0) this.inLine.add(owner);
      this.queued -= 1;
      this.sit(owner, 1);
      return waiting;
    }
    return undefined;
  }

  private sit(owner: Owner, places: 1 | -1): void {
    owner.taken += places;
    this.taken += places;
  }

  private leave(owner: Owner, waiting: Waiting): void {
    const index = owner.queue.indexOf(waiting);
    if (index < 0) return;
    owner.queue.splice(index, 1);
    this.queued -= 1;
    if (owner.queue.length === 0) this.inLine.delete(owner);
    waiting.turn(false);
  }

  private ownerOf(userId: string): Owner {
    const known = this.owners.get(userId);
    if (known) return known;
    const owner: Owner = { userId, taken: 0, queue: [], endedBefore: 0, endedNow: 0 };
    this.owners.set(userId, owner);
    return owner;
  }

  private roll(nowMs: number): void {
    if (nowMs < this.windowEndsMs) return;
    const isNext = nowMs < this.windowEndsMs + windowMs;
    this.endedBefore = isNext ? this.endedNow : 0;
    this.endedNow = 0;
    for (const owner of this.owners.values()) {
      owner.endedBefore = isNext ? owner.endedNow : 0;
      owner.endedNow = 0;
      if (owner.endedBefore === 0 && owner.taken === 0 && owner.queue.length === 0) this.owners.delete(owner.userId);
    }
    this.windowEndsMs = nowMs + windowMs;
  }
}
