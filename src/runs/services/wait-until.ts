import type { Abort } from '../../kernel/abort.js';
import type { IClock } from '../../kernel/clock.js';
import type { StopReason } from './lease-keeper.js';

/**
 * Waits until the monotonic clock reads `atMs`, never less: timers may fire up to 1 ms early. What is cancelled or lost meanwhile
 * is given up at once. What is to be handed back waits on: its attempt is recorded, and none as before it was due.
 */
export async function waitUntil(clock: IClock, atMs: number, abort: Abort): Promise<void> {
  for (let leftMs = atMs - clock.monotonicMs(); leftMs > 0; leftMs = atMs - clock.monotonicMs()) {
    if (abort.aborted && abort.reason !== ('stopping' satisfies StopReason)) return;
    await pause(Math.ceil(leftMs), abort);
  }
}

/** Ends early when it is aborted, but not for what was aborted before. */
function pause(ms: number, abort: Abort): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      abort.offAbort(end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    if (!abort.aborted) abort.onAbort(end);
  });
}
