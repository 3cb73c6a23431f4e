import { setTimeout as sleep } from 'node:timers/promises';
import type { IClock } from '../../kernel/clock.js';
import type { StopReason } from './lease-keeper.js';

/**
 * Waits until the monotonic clock reads `atMs`, never less: timers may fire up to 1 ms early. What is cancelled or lost meanwhile
 * is given up at once. What is to be handed back waits on: its attempt is recorded, and none as before it was due.
 */
export async function waitUntil(clock: IClock, atMs: number, signal: AbortSignal): Promise<void> {
  for (let leftMs = atMs - clock.monotonicMs(); leftMs > 0; leftMs = atMs - clock.monotonicMs()) {
    if (signal.aborted && signal.reason !== ('stopping' satisfies StopReason)) return;
    await sleep(Math.ceil(leftMs), undefined, signal.aborted ? {} : { signal }).catch(() => undefined);
  }
}
