import { setTimeout as sleep } from 'node:timers/promises';
import type { IClock } from '../../kernel/clock.js';

/**
 * Waits until the monotonic clock reads `atMs`, never less: timers may fire up to 1 ms early. Not even an abort ends it
 * early: what is claimed ahead waits a moment only, and no attempt, started or not, is recorded as before it was due.
 */
export async function waitUntil(clock: IClock, atMs: number): Promise<void> {
  for (let leftMs = atMs - clock.monotonicMs(); leftMs > 0; leftMs = atMs - clock.monotonicMs())
    await sleep(Math.ceil(leftMs));
}
