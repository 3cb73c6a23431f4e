import type { IClock } from '../../src/kernel/clock.js';

/** A clock that stands still until a test turns its hands. */
export class FixedClock implements IClock {
  private atMs: number;

  constructor(at: Date | string = '2026-01-01T00:00:00Z') {
    this.atMs = new Date(at).getTime();
  }

  now(): Date {
    return new Date(this.atMs);
  }

  monotonicMs(): number {
    return this.atMs;
  }

  advance(ms: number): void {
    if (ms < 0) throw new RangeError('Time does not go back.');
    this.atMs += ms;
  }

  /** Milliseconds since the epoch. */
  get ms(): number {
    return this.atMs;
  }
}
