import { describe, expect, it } from '@jest/globals';
import type { Ring } from '../../src/runs/domain/ring.js';
import type { NewRun } from '../../src/runs/domain/run.js';
import { aClaimant, aNewRun, aSettlement, retryIn } from '../support/factories.js';
import { aStoredJob, insertRuns, ms } from './ground.js';
import type { Ground, OpenGround } from './ground.js';

const many = 100;

/** What every book of owed doorbells keeps: no run that waits is forgotten, none is rung for without end. */
export function owedDoorbellsContract(name: string, open: OpenGround): void {
  async function aPlannedRun(ground: Ground, inMs: number): Promise<NewRun & { userId: string }> {
    const { id: jobId, userId } = await aStoredJob(ground);
    const run = aNewRun(jobId, ms(ground.now(), inMs));
    await insertRuns(ground, run);
    return { ...run, userId };
  }
  const ids = (rings: Ring[]): string[] => rings.map(({ runId }) => runId);

  describe(`${name} as IOwedDoorbells`, () => {
    it('owes a far run its first doorbell when it comes within the horizon', async () => {
      const ground = await open();
      const run = await aPlannedRun(ground, ground.horizonMs + 5_000);
      await ground.advance(4_999);
      expect(await ground.rings.takeOwed(many)).toEqual([]);
      await ground.advance(1);
      expect(await ground.rings.takeOwed(many)).toEqual([
        { runId: run.id, userId: run.userId, delayMs: ground.horizonMs },
      ]);
      expect(await ground.rings.takeOwed(many)).toEqual([]);
    });

    it('owes another when nobody came, each time twice as late', async () => {
      const ground = await open();
      const run = await aPlannedRun(ground, 0);
      for (const wait of [1, 2, 4, 8].map((factor) => factor * ground.ringAgainAfterMs)) {
        await ground.advance(wait - 1);
        expect(await ground.rings.takeOwed(many)).toEqual([]);
        await ground.advance(1);
        expect(await ground.rings.takeOwed(many)).toEqual([{ runId: run.id, userId: run.userId, delayMs: 0 }]);
      }
    });

    it('owes nothing to a run that somebody came for', async () => {
      const ground = await open();
      const run = await aPlannedRun(ground, 0);
      await ground.leases.claim([run.id], aClaimant());
      await ground.advance(ground.ringAgainAfterMs * 10);
      expect(await ground.rings.takeOwed(many)).toEqual([]);
    });

    it('owes a retry its doorbell if the one that was rung for it is lost', async () => {
      const ground = await open();
      const run = await aPlannedRun(ground, 0);
      const [claimed] = await ground.leases.claim([run.id], aClaimant());
      await ground.leases.settle([aSettlement(claimed!, retryIn(1_000))]);
      await ground.advance(1_000 + ground.ringAgainAfterMs - 1);
      expect(await ground.rings.takeOwed(many)).toEqual([]);
      await ground.advance(1);
      expect(ids(await ground.rings.takeOwed(many))).toEqual([run.id]);
    });

    it('gives each owed doorbell to one of many who take', async () => {
      const ground = await open();
      const { id: jobId } = await aStoredJob(ground);
      const runs = Array.from({ length: 20 }, (_, index) => aNewRun(jobId, ms(ground.now(), -index)));
      await insertRuns(ground, ...runs);
      await ground.advance(ground.ringAgainAfterMs);
      const taken = (await Promise.all([1, 2, 3, 4].map(() => ground.rings.takeOwed(6)))).flat();
      for (let more = taken; more.length > 0; taken.push(...more)) more = await ground.rings.takeOwed(6);
      expect(ids(taken).sort()).toEqual(runs.map(({ id }) => id).sort());
    });

    it('owes all near runs at once when the dispatcher has forgotten them, and leaves the far ones', async () => {
      const ground = await open();
      const [overdue, near] = [await aPlannedRun(ground, -1), await aPlannedRun(ground, 30_000)];
      await aPlannedRun(ground, ground.horizonMs + 1_000);
      const live = await aPlannedRun(ground, 0);
      await ground.leases.claim([live.id], aClaimant());
      expect(await ground.rings.oweAll()).toBe(2);
      const rings = await ground.rings.takeOwed(many);
      expect(rings.sort((a, b) => a.delayMs - b.delayMs)).toEqual([
        { runId: overdue.id, userId: overdue.userId, delayMs: 0 },
        { runId: near.id, userId: near.userId, delayMs: 30_000 },
      ]);
    });

    it.each([{ gated: false }, { gated: true }])(
      'owes a run of a paused job one doorbell, and the next when the job is resumed: %j',
      async (given) => {
        const ground = await open();
        const job = await aStoredJob(ground, { status: 'paused', pausedAt: ground.now() });
        const run = aNewRun(job.id, ground.now(), given);
        await insertRuns(ground, run);
        await ground.advance(ground.ringAgainAfterMs);
        expect(ids(await ground.rings.takeOwed(many))).toEqual([run.id]);
        await ground.advance(30 * 86_400_000);
        expect(await ground.rings.takeOwed(many)).toEqual([]);
        expect(await ground.rings.oweAll()).toBe(0);
        const resumed = await ground.transactions.run((tx) => ground.runs.ringWaiting(tx, job.id));
        expect(ids(resumed)).toEqual([run.id]);
        await ground.transactions.run((tx) => ground.plans.setStatus(tx, job.id, 'pending'));
        await ground.advance(ground.ringAgainAfterMs);
        expect(ids(await ground.rings.takeOwed(many))).toEqual([run.id]);
        expect(await ground.leases.findDue(many)).toEqual([{ runId: run.id, userId: job.userId }]);
      },
    );

    it('goes on owing a doorbell to a run of a paused job that was asked for by hand', async () => {
      const ground = await open();
      const job = await aStoredJob(ground, { status: 'paused', pausedAt: ground.now() });
      const run = aNewRun(job.id, ground.now(), { trigger: 'manual' });
      await insertRuns(ground, run);
      for (const wait of [1, 2].map((factor) => factor * ground.ringAgainAfterMs)) {
        await ground.advance(wait);
        expect(ids(await ground.rings.takeOwed(many))).toEqual([run.id]);
      }
    });

    it('owes the waiting runs of a job that goes on', async () => {
      const ground = await open();
      const run = await aPlannedRun(ground, 500);
      const far = aNewRun(run.jobId, ms(ground.now(), ground.horizonMs + 1));
      await insertRuns(ground, far);
      const rings = await ground.transactions.run((tx) => ground.runs.ringWaiting(tx, run.jobId));
      expect(rings).toEqual([{ runId: run.id, delayMs: 500 }]);
      await ground.advance(1);
      expect(await ground.rings.takeOwed(many)).toEqual([
        { runId: far.id, userId: run.userId, delayMs: ground.horizonMs },
      ]);
    });
  });
}
