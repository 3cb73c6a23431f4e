import type { Abort } from '../../kernel/abort.js';

/** Length of the windows in which ends are counted, in ms. */
const windowMs = 50;

/**
 * Places for handlers: so many work at a time, the others wait in the order in which they came.
 *
 * A worker may claim a few runs more than it has places, so that the next handler starts when one ends rather than when the
 * next claim is answered. How many is what it has shown to get done: as many as ended in the last 50 to 100 ms. A worker
 * whose handlers take long claims nothing that another could start.
 */
export class Places {
  private readonly queue: { resolve: (taken: boolean) => void; abort: Abort }[] = [];
  private taken = 0;
  private endedBefore = 0;
  private endedNow = 0;
  private windowEndsMs = 0;

  constructor(private readonly size: number) {}

  /** Resolves true once a place is taken; false, without one, when it has been aborted by the time it is its turn. */
  take(abort: Abort): Promise<boolean> | boolean {
    if (abort.aborted) return false;
    if (this.taken < this.size) {
      this.taken += 1;
      return true;
    }
    return new Promise((resolve) => {
      const waiting = { resolve, abort };
      this.queue.push(waiting);
      abort.onAbort(() => this.leave(waiting));
    });
  }

  /** @param nowMs monotonic */
  give(nowMs: number): void {
    this.roll(nowMs);
    this.endedNow += 1;
    const next = this.queue.shift();
    if (next) next.resolve(true);
    else this.taken -= 1;
  }

  /** How many runs may wait for a place beyond those that have one. @param nowMs monotonic */
  spare(nowMs: number): number {
    this.roll(nowMs);
    return this.endedBefore + this.endedNow;
  }

  private leave(waiting: (typeof this.queue)[number]): void {
    const index = this.queue.indexOf(waiting);
    if (index < 0) return;
    this.queue.splice(index, 1);
    waiting.resolve(false);
  }

  private roll(nowMs: number): void {
    if (nowMs < this.windowEndsMs) return;
    this.endedBefore = nowMs < this.windowEndsMs + windowMs ? this.endedNow : 0;
    this.endedNow = 0;
    this.windowEndsMs = nowMs + windowMs;
  }
}
