import { describe, expect, it } from '@jest/globals';
import type { Job } from '../../src/jobs/domain/job.js';
import { newId } from '../../src/kernel/ids.js';
import type { NewRun } from '../../src/runs/domain/run.js';
import type { Verdict } from '../../src/runs/execution/domain/settlement.js';
import { aClaimant, aNewRun, aSettlement, failure, retryIn, success } from '../support/factories.js';
import { aStoredJob, firstPage, insertRuns, ms, runOf } from './ground.js';
import type { Ground, OpenGround } from './ground.js';

const handedBack: Verdict = {
  ...{ state: 'scheduled', reason: 'handed_back', detail: 'the worker was stopped' },
  ...{ delayMs: 0, counts: false },
};

const givenUp: Verdict = {
  ...{ state: 'cancelled', reason: 'cancelled_by_user', detail: 'cancelled before it began' },
  ...{ delayMs: null, counts: false },
};
const nothingBegun = { status: null, result: null, startedAgoMs: null, endedAgoMs: 0 };

/** What everybody who hands out runs keeps: guarantees 3 and 4, tried from all sides. */
export function runLeasesContract(name: string, open: OpenGround): void {
  async function aPlannedRun(ground: Ground, inMs = 0, given: Partial<NewRun> = {}, job: Partial<Job> = {}) {
    const { id: jobId } = await aStoredJob(ground, job);
    const run = aNewRun(jobId, ms(ground.now(), inMs), given);
    await insertRuns(ground, run);
    return run;
  }
  const claimOne = async (ground: Ground, runId: string, leaseMs = 10_000) =>
    (await ground.leases.claim([runId], aClaimant({ leaseMs })))[0]!;
  const found = async (ground: Ground, limit: number, overdueMs?: number) =>
    (await ground.leases.findDue(limit, overdueMs)).map(({ runId }) => runId);
  const attempts = async (ground: Ground, runId: string) =>
    (await ground.runs.executions({ runId }, firstPage)).data.map(({ status }) => status);

  describe(`${name} as IRunLeases`, () => {
    it('hands out everything that a worker needs', async () => {
      const ground = await open();
      const job = await aStoredJob(ground, { timeoutMs: 900, retryDelayMs: 70, onLost: 'park', maxRetries: 2 });
      const run = aNewRun(job.id, ground.now(), { payload: { instead: 1 } });
      await insertRuns(ground, run);
      expect(await ground.leases.claim([run.id, newId()], aClaimant())).toEqual([
        {
          ...{ runId: run.id, jobId: job.id, userId: job.userId, jobName: job.name, jobType: 'one_time' },
          ...{ handler: job.handler, payload: { instead: 1 }, trigger: 'schedule', nominalAt: run.nominalAt },
          ...{ dueAt: run.dueAt, waitMs: 0, attempt: 1, maxRetries: 2, retryDelayMs: 70, timeoutMs: 900 },
          claimedAtMs: expect.closeTo(ground.now().getTime()),
          ...{ onLost: 'park', notifyOnFailure: null, leaseToken: '1' },
        },
      ]);
    });

    it('notes the version of the job that an attempt got, beside the one that planned the run', async () => {
      const ground = await open();
      const run = await aPlannedRun(ground, 0, { jobVersion: 1 }, { version: 4 });
      expect(await runOf(ground, run.id)).toMatchObject({ jobVersion: 1, ranVersion: null });
      await claimOne(ground, run.id);
      expect(await runOf(ground, run.id)).toMatchObject({ jobVersion: 1, ranVersion: 4 });
    });

    it('hands out nothing before it is due', async () => {
      const ground = await open();
      const run = await aPlannedRun(ground, 5_000);
      await ground.advance(4_999);
      expect(await ground.leases.claim([run.id], aClaimant())).toEqual([]);
      await ground.advance(1);
      expect(await ground.leases.claim([run.id], aClaimant())).toHaveLength(1);
    });

    it('hands out a run ahead by as much as the claimant may, says how long to wait, and starts it when it is due', async () => {
      const ground = await open();
      const run = await aPlannedRun(ground, 101);
      expect(await ground.leases.claim([run.id], aClaimant({ aheadMs: 100 }))).toEqual([]);
      await ground.advance(1);
      expect(await ground.leases.claim([run.id], aClaimant({ aheadMs: 100 }))).toMatchObject([{ waitMs: 100 }]);
      expect(await runOf(ground, run.id)).toMatchObject({ state: 'running', startedAt: run.dueAt });
    });

    it('counts the lease of a run that was claimed ahead from its start', async () => {
      const ground = await open();
      const run = await aPlannedRun(ground, 100);
      await ground.leases.claim([run.id], aClaimant({ aheadMs: 100, leaseMs: 1_000 }));
      await ground.advance(1_100);
      expect(await ground.leases.findExpired(10)).toEqual([]);
      await ground.advance(1);
      expect(await ground.leases.findExpired(10)).toHaveLength(1);
    });

    it('hands each of many runs to one of many workers who claim them all at once', async () => {
      const ground = await open();
      const { id: jobId } = await aStoredJob(ground);
      const runs = Array.from({ length: 20 }, (_, index) => aNewRun(jobId, ms(ground.now(), -index)));
      await insertRuns(ground, ...runs);
      const ids = runs.map(({ id }) => id);
      const claims = Array.from({ length: 8 }, () => ground.leases.claim(ids, aClaimant()));
      const claimed = (await Promise.all(claims)).flat();
      expect(claimed.map(({ runId }) => runId).sort()).toEqual([...ids].sort());
    });

    it.each<[string, Partial<Job>, Partial<NewRun>, number]>([
      ['a gated run', {}, { gated: true }, 0],
      ['a run of a paused job', { status: 'paused' }, {}, 0],
      ['a run of a cancelled job', { status: 'cancelled' }, {}, 0],
      ['a run of a paused job that was asked for by hand', { status: 'paused' }, { trigger: 'manual' }, 1],
      ['a run of a finished job that was asked for by hand', { status: 'completed' }, { trigger: 'manual' }, 1],
    ])('hands out %s as often as it should', async (_, job, given, expected) => {
      const ground = await open();
      const run = await aPlannedRun(ground, 0, given, job);
      expect(await ground.leases.claim([run.id], aClaimant())).toHaveLength(expected);
    });

    it('tells of waiting runs how long they wait and whether gates stand before them', async () => {
      const ground = await open();
      const [soon, gated, paused] = [
        await aPlannedRun(ground, 700),
        await aPlannedRun(ground, -300, { gated: true }),
        await aPlannedRun(ground, 0, {}, { status: 'paused' }),
      ];
      const live = await aPlannedRun(ground);
      await claimOne(ground, live.id);
      const waiting = await ground.leases.waiting([soon.id, gated.id, paused.id, live.id, newId()]);
      expect(waiting.sort((a, b) => b.waitMs - a.waitMs)).toEqual([
        { runId: soon.id, jobId: soon.jobId, waitMs: 700, gated: false },
        { runId: gated.id, jobId: gated.jobId, waitMs: -300, gated: true },
      ]);
    });

    it('finds what is due and waits, for when nobody rings', async () => {
      const ground = await open();
      const [due, soon, live] = [await aPlannedRun(ground), await aPlannedRun(ground, 1), await aPlannedRun(ground)];
      await claimOne(ground, live.id);
      expect(await found(ground, 10)).toEqual([due.id]);
      await ground.advance(1);
      expect(await found(ground, 10)).toEqual([due.id, soon.id]);
      expect(await ground.leases.findDue(1)).toHaveLength(1);
    });

    it('finds what has been due for a while, and nothing that may not start', async () => {
      const ground = await open();
      const run = await aPlannedRun(ground);
      await aPlannedRun(ground, 0, {}, { status: 'paused', pausedAt: ground.now() });
      const holder = await aPlannedRun(ground);
      const held = await aPlannedRun(ground);
      await claimOne(ground, holder.id);
      await ground.transactions.run((tx) =>
        ground.gates.decide(tx, [{ runId: held.id, kind: 'wait', heldBy: holder.id, keepsPlace: false }]),
      );
      await ground.advance(1_999);
      expect(await ground.leases.findDue(10, 2_000)).toEqual([]);
      await ground.advance(1);
      expect(await found(ground, 10, 2_000)).toEqual([run.id]);
    });

    it('finds what is due past the owners who are left out, and says whose it is', async () => {
      const ground = await open();
      const [first, second] = [await aStoredJob(ground), await aStoredJob(ground)];
      const many = Array.from({ length: 5 }, (_, n) => aNewRun(first.id, ms(ground.now(), -10 - n)));
      const last = aNewRun(second.id, ms(ground.now(), -1));
      await insertRuns(ground, ...many, last);
      expect(await ground.leases.findDue(3)).toEqual(Array(3).fill({ runId: expect.anything(), userId: first.userId }));
      expect(await ground.leases.findDue(3, 0, [first.userId])).toEqual([{ runId: last.id, userId: second.userId }]);
      expect(await ground.leases.findDue(3, 0, [first.userId, second.userId])).toEqual([]);
    });

    it('says whose runs are, and nothing of those that are not there', async () => {
      const ground = await open();
      const job = await aStoredJob(ground);
      const run = aNewRun(job.id, ground.now());
      await insertRuns(ground, run);
      expect(await ground.leases.ownersOf([run.id, newId()])).toEqual([{ runId: run.id, userId: job.userId }]);
    });

    it('settles with everything that follows, in one: execution, run, job', async () => {
      const ground = await open();
      const run = await aPlannedRun(ground);
      const claimed = await claimOne(ground, run.id);
      await ground.advance(500);
      const settlement = aSettlement(claimed, success);
      settlement.execution = { ...settlement.execution, startedAgoMs: 400, endedAgoMs: 100 };
      expect(await ground.leases.settle([settlement])).toEqual([
        { runId: run.id, jobId: run.jobId, state: 'succeeded', dueInMs: null, gated: false },
      ]);
      const endedAt = ms(ground.now(), -100);
      expect(await runOf(ground, run.id)).toMatchObject({
        state: 'succeeded',
        reason: 'completed',
        attempts: 1,
        endedAt,
      });
      expect((await ground.runs.executions({ runId: run.id }, firstPage)).data).toMatchObject([
        {
          ...{
            attemptNumber: 1,
            status: 'succeeded',
            workerId: expect.any(String),
            leaseToken: '1',
            result: { sent: true },
          },
          ...{ startedAt: ms(ground.now(), -400), completedAt: endedAt, errorMessage: null },
        },
      ]);
    });

    it('settles a claim once: the second time changes nothing and is not in the answer', async () => {
      const ground = await open();
      const run = await aPlannedRun(ground);
      const claimed = await claimOne(ground, run.id);
      const outcomes = await Promise.all([
        ground.leases.settle([aSettlement(claimed, success)]),
        ground.leases.settle([aSettlement(claimed, failure)]),
        ground.leases.settle([aSettlement(claimed, retryIn(5))]),
      ]);
      expect(outcomes.flat()).toHaveLength(1);
      expect(await attempts(ground, run.id)).toHaveLength(1);
      const final = await runOf(ground, run.id);
      expect(await ground.leases.settle([aSettlement(claimed, failure)])).toEqual([]);
      expect(await runOf(ground, run.id)).toEqual(final);
    });

    it('raises the token with every claim, and lets an old one settle and renew nothing', async () => {
      const ground = await open();
      const run = await aPlannedRun(ground);
      const first = await claimOne(ground, run.id);
      await ground.leases.settle([aSettlement(first, retryIn(1_000))]);
      await ground.advance(1_000);
      const second = await claimOne(ground, run.id);
      expect(BigInt(second.leaseToken)).toBeGreaterThan(BigInt(first.leaseToken));
      expect(second).toMatchObject({ attempt: 2, dueAt: ground.now() });
      expect(await ground.leases.settle([aSettlement(first, success)])).toEqual([]);
      expect(await ground.leases.renew([first], 60_000)).toEqual([]);
      expect(await ground.leases.renew([second], 60_000)).toEqual([
        { runId: run.id, cancelRequested: false, renewed: true },
      ]);
      expect(await attempts(ground, run.id)).toEqual(['running', 'failed']);
      expect(await ground.leases.settle([aSettlement(second, success)])).toHaveLength(1);
      expect(await attempts(ground, run.id)).toEqual(['succeeded', 'failed']);
    });

    it('settles those of a batch that still count, whoever else is in it', async () => {
      const ground = await open();
      const runs = [await aPlannedRun(ground), await aPlannedRun(ground), await aPlannedRun(ground)];
      const claimed = await ground.leases.claim(
        runs.map(({ id }) => id),
        aClaimant(),
      );
      const [stale, ...good] = claimed.map((run) => aSettlement(run));
      const settled = await ground.leases.settle([{ ...stale!, leaseToken: '99' }, ...good]);
      expect(settled.map(({ runId }) => runId).sort()).toEqual(good.map(({ runId }) => runId).sort());
    });

    it('lets a failed attempt be tried again when its delay is over, and not before', async () => {
      const ground = await open();
      const run = await aPlannedRun(ground);
      const settled = await ground.leases.settle([aSettlement(await claimOne(ground, run.id), retryIn(2_000))]);
      expect(settled).toMatchObject([{ state: 'retrying', dueInMs: 2_000 }]);
      expect(await runOf(ground, run.id)).toMatchObject({
        ...{ state: 'retrying', reason: 'attempt_failed', reasonDetail: 'status 500', endedAt: null },
        ...{ dueAt: ms(ground.now(), 2_000), nominalAt: run.nominalAt },
      });
      await ground.advance(1_999);
      expect(await ground.leases.claim([run.id], aClaimant())).toEqual([]);
      await ground.advance(1);
      expect(await ground.leases.claim([run.id], aClaimant())).toHaveLength(1);
    });

    it('gives the number of an attempt that was handed back to the next', async () => {
      const ground = await open();
      const run = await aPlannedRun(ground);
      await ground.leases.settle([aSettlement(await claimOne(ground, run.id), handedBack)]);
      expect(await runOf(ground, run.id)).toMatchObject({ state: 'scheduled', attempts: 0, reason: 'handed_back' });
      expect(await claimOne(ground, run.id)).toMatchObject({ attempt: 1, leaseToken: '2' });
      expect(await attempts(ground, run.id)).toEqual(['running', 'released']);
    });

    it('keeps a lease as long as it is renewed, and lets it run out when it is not', async () => {
      const ground = await open();
      const run = await aPlannedRun(ground);
      const claimed = await claimOne(ground, run.id, 1_000);
      await ground.advance(1_000);
      expect(await ground.leases.findExpired(10)).toEqual([]);
      await ground.leases.renew([claimed], 1_000);
      await ground.advance(1_001);
      expect(await ground.leases.findExpired(10)).toEqual([
        {
          ...{ runId: run.id, jobId: run.jobId, leaseToken: '1', attempt: 1, dueAt: run.dueAt, handler: 'log' },
          cancelRequested: false,
          ...{ maxRetries: 3, retryDelayMs: null, onLost: null, notifyOnFailure: null },
          workerId: (await runOf(ground, run.id)).workerId,
          userId: claimed.userId,
        },
      ]);
    });

    it('takes over what has expired, and not what its worker has just renewed', async () => {
      const ground = await open();
      const run = await aPlannedRun(ground);
      const claimed = await claimOne(ground, run.id, 1_000);
      const takeover = aSettlement(claimed, retryIn(0), { onlyIfExpired: true });
      await ground.advance(1_001);
      await ground.leases.renew([claimed], 1_000);
      expect(await ground.leases.settle([takeover])).toEqual([]);
      await ground.advance(1_001);
      expect(await ground.leases.settle([takeover])).toHaveLength(1);
      expect(await ground.leases.settle([aSettlement(claimed)])).toEqual([]);
    });

    it('tells the worker of a cancellation with the renewal, and keeps the reason it was asked with', async () => {
      const ground = await open();
      const run = await aPlannedRun(ground);
      const claimed = await claimOne(ground, run.id);
      await ground.transactions.run((tx) => ground.runs.cancel(tx, run.id, 'job_cancelled'));
      expect(await ground.leases.renew([claimed], 10_000)).toEqual([
        { runId: run.id, cancelRequested: true, renewed: true },
      ]);
      const cancelled = { state: 'cancelled', reason: 'cancelled_by_user', detail: 'stopped' } as const;
      await ground.leases.settle([aSettlement(claimed, { ...cancelled, delayMs: null, counts: true })]);
      expect(await runOf(ground, run.id)).toMatchObject({ state: 'cancelled', reason: 'job_cancelled' });
    });

    it('starts an attempt anew that has not begun, unless it is cancelled or another holds it by now', async () => {
      const ground = await open();
      const [late, cancelled] = [await aPlannedRun(ground), await aPlannedRun(ground)];
      const held = await Promise.all([late, cancelled].map(({ id }) => claimOne(ground, id)));
      await ground.transactions.run((tx) => ground.runs.cancel(tx, cancelled.id, 'cancelled_by_user'));
      await ground.advance(700);
      const claimedAt = ms(ground.now(), -700);
      expect(await ground.leases.confirm([{ runId: late.id, leaseToken: '2' }])).toEqual([]);
      const confirmed = await ground.leases.confirm(held);
      expect(new Map(confirmed.map((run) => [run.runId, run.cancelRequested]))).toEqual(
        new Map([
          [late.id, false],
          [cancelled.id, true],
        ]),
      );
      const starts = async ({ id }: NewRun) =>
        (await ground.runs.executions({ runId: id }, firstPage)).data.map(({ startedAt }) => startedAt);
      expect(await starts(late)).toEqual([ground.now()]);
      expect(await starts(cancelled)).toEqual([claimedAt]);
    });

    it('records no attempt of a run that is cancelled while it is held, and none too few of those before', async () => {
      const ground = await open();
      const job = await aStoredJob(ground);
      const [run, retried] = [aNewRun(job.id, ms(ground.now(), 100)), aNewRun(job.id, ground.now())];
      await insertRuns(ground, run, retried);
      await ground.leases.settle([aSettlement(await claimOne(ground, retried.id), retryIn(100))]);
      const held = await ground.leases.claim([run.id, retried.id], aClaimant({ aheadMs: 100 }));
      expect(held).toHaveLength(2);
      await ground.transactions.run((tx) => ground.runs.cancelByJob(tx, job.id, 'job_cancelled'));
      await ground.leases.settle(held.map((one) => aSettlement(one, givenUp, { execution: nothingBegun })));
      const ended = { state: 'cancelled', reason: 'job_cancelled', endedAt: ground.now() };
      expect(await runOf(ground, run.id)).toMatchObject({ ...ended, attempts: 0, startedAt: null });
      expect(await attempts(ground, run.id)).toEqual([]);
      expect(await runOf(ground, retried.id)).toMatchObject({ ...ended, attempts: 1 });
      expect(await attempts(ground, retried.id)).toEqual(['failed']);
      expect(await ground.leases.claim([run.id], aClaimant({ aheadMs: 60_000 }))).toEqual([]);
    });

    it.each([retryIn(1_000), handedBack])('lets no further attempt follow a cancellation: %#', async (verdict) => {
      const ground = await open();
      const job = await aStoredJob(ground);
      const run = aNewRun(job.id, ground.now());
      await insertRuns(ground, run);
      const claimed = await claimOne(ground, run.id);
      await ground.transactions.run((tx) => ground.runs.cancel(tx, run.id, 'cancelled_by_user'));
      expect(await ground.leases.settle([aSettlement(claimed, verdict)])).toMatchObject([
        { state: 'cancelled', dueInMs: null },
      ]);
      expect(await runOf(ground, run.id)).toMatchObject({
        ...{ state: 'cancelled', reason: 'cancelled_by_user', endedAt: ground.now(), dueAt: run.dueAt },
      });
      expect((await ground.jobs.find(job.id, job.userId))?.status).toBe('cancelled');
    });

    it.each<[string, Verdict, string]>([
      ['completes', success, 'completed'],
      ['fails', failure, 'failed'],
      ['keeps', retryIn(1_000), 'pending'],
      ['keeps', handedBack, 'pending'],
    ])('%s a one-time job with its run: %#', async (_, verdict, status) => {
      const ground = await open();
      const job = await aStoredJob(ground);
      const run = aNewRun(job.id, ground.now());
      await insertRuns(ground, run);
      await ground.leases.settle([aSettlement(await claimOne(ground, run.id), verdict)]);
      expect((await ground.jobs.find(job.id, job.userId))?.status).toBe(status);
    });

    it('ends no job with a run that was asked for by hand', async () => {
      const ground = await open();
      const job = await aStoredJob(ground);
      const run = aNewRun(job.id, ground.now(), { trigger: 'manual' });
      await insertRuns(ground, run);
      await ground.leases.settle([aSettlement(await claimOne(ground, run.id), failure)]);
      expect((await ground.jobs.find(job.id, job.userId))?.status).toBe('pending');
    });
  });
}
