import type { Ring } from '../../../src/runs/domain/ring.js';
import type { IOwedDoorbells } from '../../../src/runs/dispatch/interfaces/owed-doorbells.js';
import { after, change, latest, waits } from './database.js';
import type { InMemoryDatabase, RunRow } from './database.js';

const oneHourMs = 3_600_000;
const oneCenturyMs = 100 * 365.25 * 24 * oneHourMs;

export class InMemoryOwedDoorbells implements IOwedDoorbells {
  constructor(private readonly database: InMemoryDatabase) {}

  takeOwed(limit: number): Promise<Ring[]> {
    const now = this.database.clock.now();
    return this.database.change(({ jobs, runs }) =>
      [...runs.values()]
        .filter((run) => waits(run) && run.ringAt <= now)
        .sort((a, b) => a.ringAt.getTime() - b.ringAt.getTime())
        .slice(0, limit)
        .map((run) => {
          const waitMs = this.database.settings.ringAgainAfterMs * 2 ** Math.min(run.rings, 6);
          const stopped = run.trigger !== 'manual' && jobs.get(run.jobId)?.status === 'paused';
          const ringAt = stopped ? after(now, oneCenturyMs) : after(latest(run.dueAt, now), waitMs);
          change(runs, run.id, { rings: run.rings + 1, ringAt });
          return { ...ringFor(run, now), userId: jobs.get(run.jobId)?.userId };
        }),
    );
  }

  oweAll(): Promise<number> {
    const now = this.database.clock.now();
    return this.database.change(({ runs }) => {
      const near = [...runs.values()].filter(
        (run) =>
          waits(run) &&
          run.rings > 0 &&
          run.ringAt <= after(now, oneHourMs) &&
          run.dueAt <= after(now, this.database.settings.horizonMs),
      );
      for (const { id } of near) change(runs, id, { ringAt: now, rings: 0 });
      return near.length;
    });
  }
}

export const ringFor = ({ id, dueAt }: RunRow, now: Date): Ring => ({
  runId: id,
  delayMs: Math.max(dueAt.getTime() - now.getTime(), 0),
});
