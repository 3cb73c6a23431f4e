import { setTimeout as sleep } from 'node:timers/promises';

/** For so long something goes on: the length of a load, never a wait for an effect. */
export const seconds = (count: number): Promise<void> => sleep(count * 1_000);
