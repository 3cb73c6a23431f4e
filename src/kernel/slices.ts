import { setImmediate } from 'node:timers/promises';
import { SystemClock } from './clock.js';
import type { IClock } from './clock.js';

/** Maximum time in ms for which one slice of work may block this process. */
const maxSliceMs = 10;

/**
 * Splits long work of one request or one tick into slices. Between two slices the process answers other requests and starts due
 * runs. Call `next` between two pieces of the work.
 */
export class Slices {
  private beganMs: number;

  constructor(private readonly clock: Pick<IClock, 'monotonicMs'> = new SystemClock()) {
    this.beganMs = clock.monotonicMs();
  }

  /** Null during a slice: the caller need not wait, and a promise would cost time for each piece. */
  next(): Promise<void> | null {
    return this.clock.monotonicMs() - this.beganMs < maxSliceMs ? null : this.rest();
  }

  /** Runs a generator to its end; at a `yield` after the end of a slice it lets the event loop turn. */
  async through<T>(pieces: Generator<void, T>): Promise<T> {
    for (;;) {
      const piece = pieces.next();
      if (piece.done) return piece.value;
      const rest = this.next();
      if (rest) await rest;
    }
  }

  private async rest(): Promise<void> {
    await setImmediate();
    this.beganMs = this.clock.monotonicMs();
  }
}
