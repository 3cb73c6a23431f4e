import { describe, expect, it } from '@jest/globals';
import { newId } from '../../src/kernel/ids.js';
import type { IJobScheduler } from '../../src/runs/dispatch/interfaces/job-scheduler.js';

/** A dispatcher, and somebody at its doors. */
export interface Doorway {
  scheduler: IJobScheduler;
  /** Lets time pass until so many doorbells have rung since the doorway was opened. @returns the runs each has named */
  rung(count: number): Promise<{ runIds: string[]; afterMs: number }[]>;
  /** What a flush of the dispatcher's store does. */
  flush(): Promise<void>;
  /** How long before it is due a run is rung for, in ms. */
  aheadMs: number;
}

/** What every dispatcher keeps. @param open answers one whose store is empty and new */
export function jobSchedulerContract(name: string, open: () => Promise<Doorway>): void {
  const newIds = (count: number): string[] => Array.from({ length: count }, newId);

  describe(`${name} as IJobScheduler`, () => {
    it('rings for a run that is due at once', async () => {
      const { scheduler, rung } = await open();
      const [runId] = newIds(1) as [string];
      await scheduler.ring([{ runId, delayMs: 0 }]);
      expect(await rung(1)).toMatchObject([{ runIds: [runId] }]);
    });

    it('rings once for each run, not before its time, sooner ones first', async () => {
      const { scheduler, rung, aheadMs } = await open();
      const [late, soon, now] = newIds(3) as [string, string, string];
      await scheduler.ring([
        { runId: late, delayMs: 700 },
        { runId: now, delayMs: 0 },
        { runId: soon, delayMs: 350 },
      ]);
      const doorbells = await rung(3);
      expect(doorbells.map(({ runIds }) => runIds)).toEqual([[now], [soon], [late]]);
      expect(doorbells[1]!.afterMs).toBeGreaterThanOrEqual(350 - aheadMs);
      expect(doorbells[2]!.afterMs).toBeGreaterThanOrEqual(700 - aheadMs);
    });

    it('carries runs that are due together in few doorbells, each of them once', async () => {
      const { scheduler, rung } = await open();
      const runIds = newIds(250);
      await scheduler.ring(runIds.map((runId) => ({ runId, delayMs: 0 })));
      const doorbells = await rung(2);
      expect(doorbells.map((doorbell) => doorbell.runIds.length).sort()).toEqual([200, 50].sort());
      expect(doorbells.flatMap((doorbell) => doorbell.runIds).sort()).toEqual([...runIds].sort());
    });

    it('rings again for a run that is rung for again', async () => {
      const { scheduler, rung } = await open();
      const [runId] = newIds(1) as [string];
      await scheduler.ring([{ runId, delayMs: 0 }]);
      await rung(1);
      await scheduler.ring([{ runId, delayMs: 0 }]);
      expect(await rung(2)).toHaveLength(2);
    });

    it('rings for nobody when there is nobody to ring for', async () => {
      const { scheduler, rung } = await open();
      await scheduler.ring([]);
      const [runId] = newIds(1) as [string];
      await scheduler.ring([{ runId, delayMs: 0 }]);
      expect(await rung(1)).toMatchObject([{ runIds: [runId] }]);
    });

    it('says once, to one, that a new store knows nothing, and once more after each loss', async () => {
      const { scheduler, flush } = await open();
      const ask = () => Promise.all(Array.from({ length: 5 }, () => scheduler.hasForgotten()));
      expect((await ask()).filter(Boolean)).toHaveLength(1);
      expect((await ask()).filter(Boolean)).toHaveLength(0);
      await scheduler.ring([{ runId: newId(), delayMs: 60_000 }]);
      expect(await scheduler.hasForgotten()).toBe(false);
      await flush();
      expect((await ask()).filter(Boolean)).toHaveLength(1);
      expect(await scheduler.hasForgotten()).toBe(false);
    });

    it('answers when it is there', async () => {
      const { scheduler } = await open();
      await expect(scheduler.ping()).resolves.toBeUndefined();
    });
  });
}
