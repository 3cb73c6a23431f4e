import type { Abort } from '../../../kernel/abort.js';
import type { IClock } from '../../../kernel/clock.js';
import type { StopReason } from './lease-keeper.js';

interface Waiting {
  atMs: number;
  go: () => void;
  /** Whether `go` has been called. */
  gone: boolean;
}

/** Holds attempts that were claimed ahead until they are due, with one timer for each millisecond. */
export class DueTimes {
  private readonly slots = new Map<number, Waiting[]>();

  constructor(private readonly clock: IClock) {}

  /**
   * Calls `go` when the monotonic clock reads `atMs`, never before: timers may fire up to 1 ms early. An attempt that is
   * cancelled or lost goes at once. One that is to be handed back waits on: no attempt may be recorded before it was due.
   */
  wait(atMs: number, abort: Abort, go: () => void): void {
    const waiting = { atMs, go, gone: false };
    this.add(waiting);
    abort.onAbort((reason) => {
      if (reason !== ('stopping' satisfies StopReason)) leave(waiting);
    });
  }

  private add(waiting: Waiting): void {
    const slotMs = Math.ceil(waiting.atMs);
    const slot = this.slots.get(slotMs);
    if (slot) slot.push(waiting);
    else {
      this.slots.set(slotMs, [waiting]);
      setTimeout(() => this.reach(slotMs), Math.ceil(slotMs - this.clock.monotonicMs()));
    }
  }

  private reach(slotMs: number): void {
    const slot = this.slots.get(slotMs) ?? [];
    this.slots.delete(slotMs);
    for (const waiting of slot.sort((a, b) => a.atMs - b.atMs))
      if (this.clock.monotonicMs() >= waiting.atMs) leave(waiting);
      else if (!waiting.gone) this.add(waiting);
  }
}

function leave(waiting: Waiting): void {
  if (waiting.gone) return;
  waiting.gone = true;
  waiting.go();
}
