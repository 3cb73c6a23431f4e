import type { Abort } from '../../kernel/abort.js';

/** Length of the windows in which ends are counted, in ms. */
const windowMs = 50;

/** What an idle worker may claim ahead is what it expects to get done in such a time, in ms: no later than if others took it. */
const aheadMs = 20;
/** Share of the latest handler in the mean time that they take. */
const share = 0.05;
/** No handler counts as faster than this, in ms: the clock's own reading takes its time. */
const shortestMs = 0.02;

/**
 * Places for handlers: so many work at a time, the others wait in the order in which they came.
 *
 * A worker may claim a few runs more than it has places, so that the next handler starts when one ends rather than when the
 * next claim is answered. How many is what it has shown to get done: while all places are taken, as many as ended in the last
 * 50 to 100 ms; while some are free, as many as would end in 20 ms if each took what handlers have taken of late. So a burst
 * is claimed before it is due, and a worker whose handlers take long claims nothing that another could start. What it has
 * claimed in error, because handlers have become slow, is turned away to be handed back.
 */
export class Places {
  private readonly queue: { turn: (taken: boolean) => void; abort: Abort; sinceMs: number }[] = [];
  private taken = 0;
  private endedBefore = 0;
  private endedNow = 0;
  private windowEndsMs = 0;
  private meanMs: number | null = null;

  constructor(private readonly size: number) {}

  /**
   * Calls `turn` once: with true when a place is taken, now or later; with false, without one, when it has been aborted by then.
   * @param nowMs monotonic
   * @returns whether it waits for its turn
   */
  take(abort: Abort, nowMs: number, turn: (taken: boolean) => void): boolean {
    const isFree = this.taken < this.size;
    if (abort.aborted || isFree) {
      if (!abort.aborted) this.taken += 1;
      turn(!abort.aborted);
      return false;
    }
    const waiting = { turn, abort, sinceMs: nowMs };
    this.queue.push(waiting);
    abort.onAbort(() => this.leave(waiting));
    return true;
  }

  /** @param nowMs monotonic @param tookMs what the handler took; null: it was not called */
  give(nowMs: number, tookMs: number | null): void {
    this.roll(nowMs);
    this.endedNow += 1;
    if (tookMs !== null) this.meanMs = this.meanMs === null ? tookMs : this.meanMs + share * (tookMs - this.meanMs);
    const next = this.queue.shift();
    if (next) next.turn(true);
    else this.taken -= 1;
  }

  /** How many runs may wait for a place beyond those that have one. @param nowMs monotonic */
  spare(nowMs: number): number {
    this.roll(nowMs);
    const ended = this.endedBefore + this.endedNow;
    return this.taken < this.size ? Math.max(ended, this.expected) : ended;
  }

  /** Aborts, with `reason`, what has waited for a place since `untilMs` or longer. @returns whether others still wait */
  turnAway(untilMs: number, reason: string): boolean {
    for (let first = this.queue[0]; first && first.sinceMs <= untilMs; first = this.queue[0]) first.abort.abort(reason);
    return this.queue.length > 0;
  }

  private get expected(): number {
    return this.meanMs === null ? 0 : Math.floor((this.size * aheadMs) / Math.max(this.meanMs, shortestMs));
  }

  private leave(waiting: (typeof this.queue)[number]): void {
    const index = this.queue.indexOf(waiting);
    if (index < 0) return;
    this.queue.splice(index, 1);
    waiting.turn(false);
  }

  private roll(nowMs: number): void {
    if (nowMs < this.windowEndsMs) return;
    this.endedBefore = nowMs < this.windowEndsMs + windowMs ? this.endedNow : 0;
    this.endedNow = 0;
    this.windowEndsMs = nowMs + windowMs;
  }
}
