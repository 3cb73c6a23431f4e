import { describe, expect, it } from '@jest/globals';
import type { Job } from '../../src/jobs/domain/job.js';
import { claimedAtInsert } from '../../src/runs/domain/claimed-run.js';
import type { NewRun } from '../../src/runs/domain/run.js';
import { startDeadlineMs } from '../../src/runs/domain/start-deadline.js';
import type { Claimant } from '../../src/runs/domain/claimed-run.js';
import { aClaimant, aJob, aNewRun, aSettlement, success } from '../support/factories.js';
import { aStoredJob, firstPage, insertRuns, ms, runOf } from './ground.js';
import type { Ground, OpenGround } from './ground.js';

/** Runs that are born claimed: guarantees 3 and 4 from the first moment on. */
export function directStartsContract(name: string, open: OpenGround): void {
  const insertClaimed = (ground: Ground, runs: NewRun[], claimant: Claimant, named = runs, ifAbsent = false) =>
    ground.transactions.run((tx) =>
      ground.runs.insertClaimed(tx, runs, { claimant, runIds: new Set(named.map(({ id }) => id)) }, ifAbsent),
    );
  async function aRunClaimedOnInsert(ground: Ground, claimant = aClaimant(), inMs = 0, given: Partial<Job> = {}) {
    const job = await aStoredJob(ground, given);
    const run = aNewRun(job.id, ms(ground.now(), inMs));
    const [born] = await insertClaimed(ground, [run], claimant);
    return { job, run, claimed: claimedAtInsert(job, run, born!.claimedAtMs!) };
  }

  describe(`${name}, of runs that are born claimed`, () => {
    it.each([0, -250, 80])('has them as a claim would have left them, due in %i ms', async (inMs) => {
      const ground = await open();
      const claimant = aClaimant({ leaseMs: 4_000, aheadMs: 100 });
      const given: Partial<Job> = { timeoutMs: 900, retryDelayMs: 70, onLost: 'park', notifyOnFailure: false };
      const { run: born, claimed: told } = await aRunClaimedOnInsert(ground, claimant, inMs, given);
      const job = await aStoredJob(ground, given);
      const waited = aNewRun(job.id, ms(ground.now(), inMs));
      await insertRuns(ground, waited);
      const [claimed] = await ground.leases.claim([waited.id], claimant);
      const startedAt = ms(ground.now(), Math.max(inMs, 0));

      // But for the names of things, and how long ago the clock was read.
      const own = ({ id, jobId }: NewRun, userId: string) => ({ runId: id, jobId, userId });
      expect({ ...told, waitMs: Math.max(told.waitMs, 0) }).toEqual({
        ...claimed!,
        ...own(born, told.userId),
        waitMs: Math.max(claimed!.waitMs, 0),
      });
      const { id: _, jobId: __, createdAt: ___, ...row } = await runOf(ground, waited.id);
      expect(await runOf(ground, born.id)).toMatchObject(row);
      expect(row).toMatchObject({ state: 'running', attempts: 1, leaseToken: '1', startedAt });
      for (const { id } of [born, waited]) {
        expect((await ground.runs.executions({ runId: id }, firstPage)).data).toMatchObject([
          { status: 'running', attemptNumber: 1, workerId: claimant.workerId, leaseToken: '1', startedAt },
        ]);
        expect(await ground.runs.msUntilStartsSettled({ runId: id })).toBe(Math.max(inMs, 0) + startDeadlineMs);
      }
      await ground.advance(Math.max(inMs, 0) + 4_000);
      expect(await ground.leases.findExpired(10)).toEqual([]);
      await ground.advance(1);
      const expired = (await ground.leases.findExpired(10)).map(({ runId }) => runId);
      expect(expired.sort()).toEqual([born.id, waited.id].sort());
    });

    it('leaves what is not due on its own clock, less the time ahead, to be rung for', async () => {
      const ground = await open();
      const runs: NewRun[] = [];
      for (const inMs of [101, 100]) runs.push(aNewRun((await aStoredJob(ground)).id, ms(ground.now(), inMs)));
      const born = await insertClaimed(ground, runs, aClaimant({ aheadMs: 100 }));
      expect(born.map(({ runId, delayMs, claimedAtMs }) => [runId, delayMs, claimedAtMs !== null]).sort()).toEqual(
        [
          [runs[0]!.id, 101, false],
          [runs[1]!.id, 100, true],
        ].sort(),
      );
      expect(await runOf(ground, runs[0]!.id)).toMatchObject({ state: 'scheduled', attempts: 0, leaseToken: '0' });
    });

    it('claims none that passes a gate, that will never start, or that it was not told to claim', async () => {
      const ground = await open();
      const { id } = await aStoredJob(ground);
      const final = { state: 'skipped', reason: 'calendar', detail: 'A holiday.' } as const;
      const [gated, ended, other, far] = [
        aNewRun(id, ms(ground.now(), -3), { gated: true }),
        aNewRun(id, ms(ground.now(), -2), { final }),
        aNewRun(id, ms(ground.now(), -1)),
        aNewRun(id, ms(ground.now(), ground.horizonMs + 1)),
      ];
      const born = await insertClaimed(ground, [gated, ended, other, far], aClaimant(), [gated, ended, far]);
      expect(born.sort((a, b) => (a.runId < b.runId ? -1 : 1))).toEqual([
        { runId: gated.id, delayMs: 0, claimedAtMs: null },
        { runId: other.id, delayMs: 0, claimedAtMs: null },
      ]);
      expect(await runOf(ground, ended.id)).toMatchObject({ state: 'skipped', leaseToken: '0' });
      expect(await runOf(ground, far.id)).toMatchObject({ state: 'scheduled', leaseToken: '0' });
    });

    it('hands them out to nobody else, and rings for none while its lease holds', async () => {
      const ground = await open();
      const { run } = await aRunClaimedOnInsert(ground);
      expect(await ground.leases.claim([run.id], aClaimant())).toEqual([]);
      expect(await ground.leases.waiting([run.id])).toEqual([]);
      expect(await ground.leases.findDue(10)).toEqual([]);
      await ground.advance(ground.ringAgainAfterMs + 1);
      expect(await ground.rings.takeOwed(10)).toEqual([]);
      expect(await ground.rings.oweAll()).toBe(0);
    });

    it('is claimed with the commit or not at all', async () => {
      const ground = await open();
      const { id } = await aStoredJob(ground);
      const run = aNewRun(id, ground.now());
      const refused = ground.transactions.run(async (tx) => {
        await ground.runs.insertClaimed(tx, [run], { claimant: aClaimant(), runIds: new Set([run.id]) });
        throw new Error('thought better of it');
      });
      await expect(refused).rejects.toThrow('thought better of it');
      expect(await ground.runs.find(run.id)).toBeNull();
    });

    it('is sent with its job at once, and settled like any other', async () => {
      const ground = await open();
      const job = aJob(await ground.anOwner(), ground.now());
      const run = aNewRun(job.id, ground.now());
      const [born] = await ground.transactions.atOnce((tx) =>
        Promise.all([
          ground.runs.insertClaimed(tx, [run], { claimant: aClaimant(), runIds: new Set([run.id]) }),
          ground.jobs.insert(tx, [job]),
        ]),
      );
      expect(born).toEqual([{ runId: run.id, delayMs: 0, claimedAtMs: ground.now().getTime() }]);
      const claimed = claimedAtInsert(job, run, born[0]!.claimedAtMs!);
      expect(await ground.leases.renew([claimed], 1_000)).toMatchObject([{ renewed: true, cancelRequested: false }]);
      expect(await ground.leases.settle([aSettlement(claimed, success)])).toMatchObject([{ state: 'succeeded' }]);
      expect(await ground.jobs.find(job.id, job.userId)).toMatchObject({ status: 'completed' });
    });

    it('leaves out what exists, and does not claim it', async () => {
      const ground = await open();
      const { id } = await aStoredJob(ground);
      const [old, added] = [aNewRun(id, ms(ground.now(), -1)), aNewRun(id, ground.now())];
      await insertRuns(ground, old);
      const again = aNewRun(id, old.nominalAt);
      const born = await insertClaimed(ground, [again, added], aClaimant(), [again, added], true);
      expect(born.map(({ runId }) => runId)).toEqual([added.id]);
      expect(await runOf(ground, old.id)).toMatchObject({ state: 'scheduled', leaseToken: '0' });
      const once = insertClaimed(ground, [aNewRun(id, old.nominalAt)], aClaimant());
      await expect(once).rejects.toMatchObject({ kind: 'conflict', code: 'RUN_EXISTS' });
    });

    it('can be handed back, which burns no attempt', async () => {
      const ground = await open();
      const { run, claimed } = await aRunClaimedOnInsert(ground);
      const state = { state: 'scheduled', reason: 'handed_back', detail: 'no answer', delayMs: 0 } as const;
      expect(await ground.leases.settle([aSettlement(claimed, { ...state, counts: false })])).toHaveLength(1);
      expect(await ground.leases.settle([aSettlement(claimed, { ...state, counts: false })])).toEqual([]);
      expect(await ground.leases.claim([run.id], aClaimant())).toMatchObject([{ attempt: 1, leaseToken: '2' }]);
    });
  });
}
