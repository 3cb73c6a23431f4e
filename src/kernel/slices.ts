import { setImmediate } from 'node:timers/promises';
import { SystemClock } from './clock.js';
import type { IClock } from './clock.js';

/** As long as one slice of work may keep this process from everything else, in ms. */
const sliceMs = 10;

/**
 * Work that one request or one tick asks for many times over, in slices: between them the process answers others and starts
 * what is due. Call `next` between two pieces of the work.
 */
export class Slices {
  private beganMs: number;

  constructor(private readonly clock: Pick<IClock, 'monotonicMs'> = new SystemClock()) {
    this.beganMs = clock.monotonicMs();
  }

  /** Null while the slice lasts: nothing is to be waited for, and a promise costs each piece that makes one. */
  next(): Promise<void> | null {
    return this.clock.monotonicMs() - this.beganMs < sliceMs ? null : this.rest();
  }

  /** Does to its end what pauses with `yield` between its pieces. */
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
