import type { Abort } from '../../../kernel/abort.js';
import { shareOf } from '../domain/fair-share.js';

/** Length of the windows in which ended handlers are counted, in ms. */
const windowMs = 50;

/** An idle worker may claim as many runs beyond its slots as it expects to finish in this time, in ms: no other worker would start them sooner. */
const backlogMs = 20;
/** Weight of the latest handler in the moving average of the time that handlers take. */
const latestWeight = 0.05;
/** No handler counts as faster than this, in ms: reading the clock takes time too. */
const minHandlerMs = 0.02;

interface Waiting {
  turn: (taken: boolean) => void;
  abort: Abort;
  sinceMs: number;
}

/** The handler slots of one owner, and its runs that wait for one. */
interface Owner {
  readonly userId: string;
  taken: number;
  readonly queue: Waiting[];
  endedBefore: number;
  endedNow: number;
}

/**
 * The handler slots of a worker: `size` handlers run at a time, and each owner has at most its share of them (`shareOf`). Other
 * claimed runs wait. The runs of one owner start in the order in which they came, and the owners take turns.
 *
 * A worker may claim a few more runs than it has slots, so that the next handler starts when one ends and not only when the next
 * claim is answered. Their number follows from what the worker has finished of late. While an owner has its share of the slots,
 * it is the number of its handlers that ended in the last one to two windows (`windowMs`). Otherwise it is the number that would end
 * in `backlogMs` at the average time of recent handlers. So a burst is claimed before it is due, and a worker with slow handlers
 * claims no run that another worker could start. When handlers become slow after a claim, `turnAway` ends the wait of the surplus
 * runs, and they are handed back.
 */
export class HandlerSlots {
  private readonly owners = new Map<string, Owner>();
  /** Owners with waiting runs, in the order of their turns. */
  private readonly inLine = new Set<Owner>();
  private taken = 0;
  private queued = 0;
  /** Ended handlers of all owners in the previous window. */
  private endedBefore = 0;
  private endedNow = 0;
  private windowEndsMs = 0;
  private meanMs: number | null = null;

  constructor(private readonly size: number) {}

  /**
   * Takes a slot for a run, now or when one is free. Calls `turn` exactly once: with true when the run has its slot, or with
   * false when it was aborted before.
   * @param userId owner of the run
   * @param nowMs monotonic
   * @returns whether the run waits
   */
  take(userId: string, abort: Abort, nowMs: number, turn: (taken: boolean) => void): boolean {
    const owner = this.ownerOf(userId);
    const isFree = !this.hasShare(owner);
    if (abort.aborted || isFree) {
      if (!abort.aborted) this.count(owner, 1);
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

  /** @param userId owner of the run that had the slot @param nowMs monotonic @param tookMs duration of the handler; null: it was not called */
  give(userId: string, nowMs: number, tookMs: number | null): void {
    this.roll(nowMs);
    const owner = this.ownerOf(userId);
    owner.endedNow += 1;
    this.endedNow += 1;
    if (tookMs !== null)
      this.meanMs = this.meanMs === null ? tookMs : this.meanMs + latestWeight * (tookMs - this.meanMs);
    this.count(owner, -1);
    for (let next = this.next(); next; next = this.next()) next.turn(true);
  }

  /** How many runs may wait for a slot. @param nowMs monotonic */
  spare(nowMs: number): number {
    this.roll(nowMs);
    const ended = this.endedBefore + this.endedNow;
    return this.taken < this.size ? Math.max(ended, this.expected) : ended;
  }

  /** How many runs of one owner may wait for a slot. @param nowMs monotonic */
  spareOf(userId: string, nowMs: number): number {
    this.roll(nowMs);
    const owner = this.owners.get(userId);
    if (!owner) return this.taken < this.size ? this.expected : 0;
    const ended = owner.endedBefore + owner.endedNow;
    return this.hasShare(owner) ? ended : Math.max(ended, this.expected);
  }

  /** Runs that wait for a slot. */
  get waiting(): number {
    return this.queued;
  }

  waitingOf(userId: string): number {
    return this.owners.get(userId)?.queue.length ?? 0;
  }

  /** Aborts, with `reason`, the runs that have waited for a slot since `untilMs` or longer. @returns whether others still wait */
  turnAway(untilMs: number, reason: string): boolean {
    for (const { queue } of [...this.inLine])
      for (let first = queue[0]; first && first.sinceMs <= untilMs; first = queue[0]) first.abort.abort(reason);
    return this.queued > 0;
  }

  /** Handlers expected to end in `backlogMs` if one owner had its share of an otherwise idle worker. */
  private get expected(): number {
    const share = shareOf(this.size, 0);
    return this.meanMs === null ? 0 : Math.floor((share * backlogMs) / Math.max(this.meanMs, minHandlerMs));
  }

  private hasShare({ taken }: Owner): boolean {
    return taken >= shareOf(this.size, this.taken - taken);
  }

  /** Gives a slot to the run whose turn it is. Its owner's next turn comes after those of the others. */
  private next(): Waiting | undefined {
    if (this.queued === 0 || this.taken >= this.size) return undefined;
    for (const owner of this.inLine) {
      if (this.hasShare(owner)) continue;
      const waiting = owner.queue.shift();
      this.inLine.delete(owner);
      if (owner.queue.length > 0) this.inLine.add(owner);
      this.queued -= 1;
      this.count(owner, 1);
      return waiting;
    }
    return undefined;
  }

  private count(owner: Owner, slots: 1 | -1): void {
    owner.taken += slots;
    this.taken += slots;
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
