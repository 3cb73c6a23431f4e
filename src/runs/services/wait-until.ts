import { setTimeout as sleep } from 'node:timers/promises';
import type { IClock } from '../../kernel/clock.js';

/** Waits until the monotonic clock reads `atMs`, never less: timers may fire up to 1 ms early. Ends early on abort. */
export async function waitUntil(clock: IClock, atMs: number, signal: AbortSignal): Promise<void> {
  for (let leftMs = atMs - clock.monotonicMs(); leftMs > 0 && !signal.aborted; leftMs = atMs - clock.monotonicMs())
    await sleep(Math.ceil(leftMs), undefined, { signal }).catch(() => undefined);
}
