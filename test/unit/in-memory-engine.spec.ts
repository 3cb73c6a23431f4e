import { engineContracts } from '../contracts/engine.contract.js';
import { jobSchedulerContract } from '../contracts/job-scheduler.contract.js';
import { FixedClock } from '../support/fixed-clock.js';
import { inMemoryGround } from '../support/in-memory/ground.js';
import { InMemoryJobScheduler } from '../support/in-memory/job-scheduler.js';

engineContracts('InMemory', async () => inMemoryGround());

jobSchedulerContract('InMemoryJobScheduler', async () => {
  const clock = new FixedClock();
  const aheadMs = 100;
  const scheduler = new InMemoryJobScheduler(clock, aheadMs);
  const doorbells: { runIds: string[]; afterMs: number }[] = [];
  const openedMs = clock.ms;
  return {
    scheduler,
    aheadMs,
    rung: async (count) => {
      while (doorbells.length < count && scheduler.nextMs < Infinity) {
        clock.advance(Math.max(scheduler.nextMs - clock.ms, 0));
        const afterMs = clock.ms - openedMs;
        doorbells.push(...scheduler.takeRung().map((runIds) => ({ runIds, afterMs })));
      }
      return doorbells;
    },
    flush: async () => scheduler.flush(),
  };
});
