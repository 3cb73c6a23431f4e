import { describe, expect, it } from '@jest/globals';
import { newId } from '../../src/kernel/ids.js';
import { startDeadlineMs } from '../../src/runs/domain/start-deadline.js';
import type { RunFilter } from '../../src/runs/domain/run-filter.js';
import type { NewRun } from '../../src/runs/domain/run.js';
import { aClaimant, aNewRun, aRecurringJob, aSettlement, retryIn, success } from '../support/factories.js';
import { aStoredJob, firstPage, insertJobs, insertRuns, ms, runOf } from './ground.js';
import type { Ground, OpenGround } from './ground.js';

/** What every run repository keeps. */
export function runRepositoryContract(name: string, open: OpenGround): void {
  async function running(ground: Ground, jobId: string, inMs = 0) {
    const run = aNewRun(jobId, ms(ground.now(), inMs));
    await insertRuns(ground, run);
    const [claimed] = await ground.leases.claim([run.id], aClaimant());
    return claimed!;
  }

  describe(`${name} as IRunRepository`, () => {
    it('gives back each field of what was planned, as not begun', async () => {
      const ground = await open();
      const { id: jobId } = await aStoredJob(ground);
      const planned = aNewRun(jobId, ground.now(), {
        dueAt: ms(ground.now(), 250),
        trigger: 'manual',
        jobVersion: 3,
        payload: { deep: [{ 'Żółw 🐢': null }] },
      });
      await insertRuns(ground, planned);
      const { gated: _, ...fields } = planned;
      expect(await runOf(ground, planned.id)).toMatchObject({
        ...{ ...fields, state: 'scheduled', reason: null, reasonDetail: null, attempts: 0, leaseToken: '0' },
        ...{ workerId: null, heldBy: null, count: 1, nominalUntil: null, cancelRequestedAt: null },
        ...{ startedAt: null, endedAt: null },
      });
      expect(await ground.runs.find(newId())).toBeNull();
    });

    it('keeps one row per job, nominal time and trigger: the second is refused and takes its batch with it', async () => {
      const ground = await open();
      const { id: jobId } = await aStoredJob(ground);
      const at = ground.now();
      await insertRuns(ground, aNewRun(jobId, at));
      const twice = insertRuns(ground, aNewRun(jobId, ms(at, 1)), aNewRun(jobId, at));
      await expect(twice).rejects.toMatchObject({ kind: 'conflict', code: 'RUN_EXISTS' });
      await insertRuns(ground, aNewRun(jobId, at, { trigger: 'manual' }), aNewRun(jobId, at, { trigger: 'backfill' }));
      const { data } = await ground.runs.findByJob(jobId, {}, firstPage);
      expect(data.map(({ trigger }) => trigger).sort()).toEqual(['backfill', 'manual', 'schedule']);
    });

    it('knows which times have a row from a moment on, those of a range that begins before it too', async () => {
      const ground = await open();
      const { id: jobId } = await aStoredJob(ground);
      const at = (plusMs: number): Date => ms(ground.now(), plusMs);
      const final = { state: 'skipped', reason: 'calendar', detail: 'A holiday.' } as const;
      const range = (from: number, to: number) => ({ final, nominalUntil: at(to), count: (to - from) / 1_000 + 1 });
      await insertRuns(
        ground,
        aNewRun(jobId, at(-9_000), range(-9_000, -6_000)),
        aNewRun(jobId, at(-4_000), range(-4_000, 5_000)),
        aNewRun(jobId, at(6_000)),
        aNewRun(jobId, at(7_000), { trigger: 'manual' }),
      );
      const spansFrom = async (from: number) => {
        const spans = await ground.transactions.run((tx) => ground.runs.spansFrom(tx, jobId, at(from)));
        return spans.sort((a, b) => a.first.getTime() - b.first.getTime());
      };
      const reaching = { first: at(-4_000), last: at(5_000) };
      const single = { first: at(6_000), last: at(6_000) };
      expect(await spansFrom(0)).toEqual([reaching, single]);
      expect(await spansFrom(5_000)).toEqual([reaching, single]);
      expect(await spansFrom(5_001)).toEqual([single]);
      expect(await spansFrom(-4_000)).toEqual([reaching, single]);
      expect(await spansFrom(6_001)).toEqual([]);
    });

    it('lets one of many win who plan the same time at once', async () => {
      const ground = await open();
      const { id: jobId } = await aStoredJob(ground);
      const rivals = Array.from({ length: 8 }, () => insertRuns(ground, aNewRun(jobId, ground.now())));
      const outcomes = await Promise.allSettled(rivals);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect((await ground.runs.findByJob(jobId, {}, firstPage)).meta.total).toBe(1);
    });

    it('leaves out what exists when asked to, and rings only for what it added', async () => {
      const ground = await open();
      const { id: jobId } = await aStoredJob(ground);
      const [old, added] = [aNewRun(jobId, ground.now()), aNewRun(jobId, ms(ground.now(), 1_000))];
      await insertRuns(ground, old);
      const rings = await ground.transactions.run((tx) =>
        ground.runs.insert(tx, [aNewRun(jobId, old.nominalAt), added], true),
      );
      expect(rings).toEqual([{ runId: added.id, delayMs: 1_000 }]);
    });

    it('rings for what is due within the horizon and will start, at the time it is due', async () => {
      const ground = await open();
      const { id: jobId } = await aStoredJob(ground);
      const final = { state: 'missed', reason: 'outside_window', detail: 'too late' } as const;
      const [overdue, near, far, missed] = [-5_000, ground.horizonMs, ground.horizonMs + 1, -9_000].map((inMs) =>
        aNewRun(jobId, ms(ground.now(), inMs)),
      );
      const rings = await insertRuns(ground, overdue!, near!, far!, { ...missed!, final, count: 4 });
      expect(rings).toEqual([
        { runId: overdue!.id, delayMs: 0 },
        { runId: near!.id, delayMs: ground.horizonMs },
      ]);
      expect(await runOf(ground, missed!.id)).toMatchObject({
        ...{ state: 'missed', reason: 'outside_window', reasonDetail: 'too late', count: 4 },
        endedAt: ground.now(),
      });
    });

    it('lists newest first, by state and in pages', async () => {
      const ground = await open();
      const { id: jobId } = await aStoredJob(ground);
      const runs = [1, 2, 3, 4, 5].map((minute) => aNewRun(jobId, ms(ground.now(), minute * 60_000)));
      await insertRuns(ground, ...runs);
      const newestFirst = runs.map(({ id }) => id).reverse();
      const { data, meta } = await ground.runs.findByJob(jobId, {}, { page: 2, limit: 2 });
      expect(data.map(({ id }) => id)).toEqual(newestFirst.slice(2, 4));
      expect(meta).toEqual({ page: 2, limit: 2, total: 5, totalPages: 3 });
      await ground.transactions.run((tx) => ground.runs.cancel(tx, newestFirst[0]!, 'cancelled_by_user'));
      const cancelled = await ground.runs.findByJob(jobId, { states: ['cancelled'] }, firstPage);
      expect(cancelled.data.map(({ id }) => id)).toEqual([newestFirst[0]]);
    });

    it('lists those that match all that is asked, in either order, and leaves out what lies ahead when asked to', async () => {
      const ground = await open();
      const { id: jobId } = await aStoredJob(ground);
      const at = (minutes: number): Date => ms(ground.now(), minutes * 60_000);
      const final = { state: 'missed', reason: 'outside_window', detail: 'too late' } as const;
      const skipped = { state: 'skipped', reason: 'overlap', detail: 'busy' } as const;
      const [old, mid, due, hand, ahead] = [
        aNewRun(jobId, at(-3), { final }),
        aNewRun(jobId, at(-2), { final: skipped }),
        aNewRun(jobId, at(-1)),
        aNewRun(jobId, at(2), { trigger: 'manual', dueAt: at(0) }),
        aNewRun(jobId, at(1)),
      ] as [NewRun, NewRun, NewRun, NewRun, NewRun];
      await insertRuns(ground, old, mid, due, hand, ahead);
      const idsOf = async (filter: RunFilter): Promise<string[]> =>
        (await ground.runs.findByJob(jobId, filter, firstPage)).data.map(({ id }) => id);
      const has = (...runs: NewRun[]): string[] => runs.map(({ id }) => id);
      expect(await idsOf({ hasCome: true })).toEqual(has(hand, due, mid, old));
      expect(await idsOf({ hasCome: true, order: 'asc' })).toEqual(has(old, mid, due, hand));
      expect(await idsOf({ states: ['missed', 'scheduled'] })).toEqual(has(hand, ahead, due, old));
      expect(await idsOf({ states: ['missed', 'skipped'] })).toEqual(has(mid, old));
      expect(await idsOf({ reasons: ['overlap', 'completed'] })).toEqual(has(mid));
      expect(await idsOf({ reasons: ['outside_window'] })).toEqual(has(old));
      expect(await idsOf({ triggers: ['manual', 'backfill'] })).toEqual(has(hand));
      expect(await idsOf({ from: mid.nominalAt, to: ahead.nominalAt })).toEqual(has(due, mid));
    });

    it('shows the attempts of a run and of a job, newest first, the live one included', async () => {
      const ground = await open();
      const { id: jobId } = await aStoredJob(ground);
      const first = await running(ground, jobId);
      await ground.leases.settle([aSettlement(first, retryIn(1_000))]);
      await ground.advance(1_000);
      await ground.leases.claim([first.runId], aClaimant({ workerId: 'second' }));
      const attempts = await ground.runs.executions({ runId: first.runId }, firstPage);
      expect(attempts.data).toMatchObject([
        { attemptNumber: 2, status: 'running', leaseToken: '2', workerId: 'second', completedAt: null, jobId },
        { attemptNumber: 1, status: 'failed', leaseToken: '1', errorMessage: 'status 500', dueAt: first.dueAt },
      ]);
      expect(attempts.data.map(({ startedAt }) => startedAt)).toEqual([ground.now(), ms(ground.now(), -1_020)]);
      expect(await ground.runs.executions({ jobId }, firstPage)).toEqual(attempts);
      const [live, failed] = await Promise.all([2, 1].map((number) => ground.runs.execution(first.runId, number)));
      expect([live, failed].map((attempt) => ({ ...attempt, truncated: [] }))).toEqual(attempts.data);
      expect(await ground.runs.execution(first.runId, 3)).toBeNull();
    });

    it('shows the attempts of all runs of a job: scheduled, asked for by hand and backfilled, gated or not', async () => {
      const ground = await open();
      const { id: once } = await aStoredJob(ground);
      const [{ id: often }] = await insertJobs(ground, aRecurringJob(await ground.anOwner(), ground.now()));
      const ended: string[] = [];
      for (const run of [
        aNewRun(once, ground.now()),
        aNewRun(once, ground.now(), { trigger: 'manual' }),
        aNewRun(often, ground.now(), { gated: true }),
        aNewRun(often, ground.now(), { trigger: 'manual' }),
        aNewRun(often, ground.now(), { trigger: 'backfill' }),
        aNewRun(often, ms(ground.now(), -1), { trigger: 'backfill', gated: true }),
      ]) {
        await insertRuns(ground, run);
        const [claimed] = run.gated
          ? await ground.transactions.run((tx) => ground.gates.claim(tx, [run.id], aClaimant()))
          : await ground.leases.claim([run.id], aClaimant());
        await ground.leases.settle([aSettlement(claimed!, success)]);
        ended.unshift(run.id);
        await ground.advance(1_000);
      }
      const of = async (jobId: string, page = firstPage) => {
        const { data, meta } = await ground.runs.executions({ jobId }, page);
        return { runs: data.map(({ runId }) => runId), total: meta.total };
      };
      expect(await of(once)).toEqual({ runs: ended.slice(4), total: 2 });
      expect(await of(often)).toEqual({ runs: ended.slice(0, 4), total: 4 });
      expect(await of(once, { page: 2, limit: 1 })).toEqual({ runs: [ended[5]], total: 2 });
    });

    it('cancels what waits, asks what runs, and leaves alone what has ended', async () => {
      const ground = await open();
      const { id: jobId } = await aStoredJob(ground);
      const done = await running(ground, jobId, -3_000);
      const live = await running(ground, jobId, -2_000);
      await ground.leases.settle([aSettlement(done, success)]);
      const waiting = aNewRun(jobId, ms(ground.now(), 60_000));
      await insertRuns(ground, waiting);
      const cancel = () => ground.transactions.run((tx) => ground.runs.cancelByJob(tx, jobId, 'job_cancelled'));
      expect(await cancel()).toEqual({ ended: 1, asked: 1 });
      expect(await runOf(ground, done.runId)).toMatchObject({ state: 'succeeded', reason: 'completed' });
      expect(await runOf(ground, live.runId)).toMatchObject({
        ...{ state: 'running', endedAt: null, cancelRequestedAt: ground.now() },
      });
      expect(await runOf(ground, waiting.id)).toMatchObject({
        ...{ state: 'cancelled', reason: 'job_cancelled', endedAt: ground.now() },
      });
      expect(await ground.leases.claim([waiting.id], aClaimant({ aheadMs: 60_000 }))).toEqual([]);
      const again = (id: string) => ground.transactions.run((tx) => ground.runs.cancel(tx, id, 'cancelled_by_user'));
      expect(await Promise.all([done.runId, waiting.id, newId()].map(again))).toEqual([null, null, null]);
      expect(await again(live.runId)).toBe('asked');
    });

    it('says for how long what a worker has claimed may still begin', async () => {
      const ground = await open();
      const { id: jobId } = await aStoredJob(ground);
      const held = aNewRun(jobId, ms(ground.now(), 100));
      const waiting = aNewRun(jobId, ms(ground.now(), 50));
      await insertRuns(ground, held, waiting);
      const left = (of: { jobId: string } | { runId: string }) => ground.runs.msUntilStartsSettled(of);
      const clamped = async (of: { jobId: string } | { runId: string }) => Math.max(await left(of), 0);
      expect(await clamped({ jobId })).toBe(0);
      const [claimed] = await ground.leases.claim([held.id], aClaimant({ aheadMs: 100 }));
      expect(await left({ jobId })).toBe(100 + startDeadlineMs);
      expect(await ground.transactions.run((tx) => ground.runs.msUntilStartsSettled({ runId: held.id }, tx))).toBe(
        100 + startDeadlineMs,
      );
      expect(await clamped({ runId: waiting.id })).toBe(0);
      await ground.advance(100 + startDeadlineMs - 1);
      expect(await left({ jobId })).toBe(1);
      await ground.leases.confirm([claimed!]);
      expect(await left({ jobId })).toBe(startDeadlineMs);
      await ground.leases.settle([aSettlement(claimed!, success)]);
      expect(await clamped({ jobId })).toBe(0);
    });

    it('forgets planned runs after a time, but none that was ever begun or asked for by hand', async () => {
      const ground = await open();
      const { id: jobId } = await aStoredJob(ground);
      const now = ground.now();
      const live = await running(ground, jobId);
      const [due, first, second] = [-1_000, 60_000, 120_000].map((inMs) => aNewRun(jobId, ms(now, inMs)));
      const manual = aNewRun(jobId, ms(now, 60_000), { trigger: 'manual' });
      await insertRuns(ground, due!, first!, second!, manual);
      const left = async () => {
        const { data } = await ground.runs.findByJob(jobId, {}, firstPage);
        return data.map(({ id }) => id).sort();
      };
      expect(await ground.transactions.run((tx) => ground.runs.deletePlanned(tx, jobId, first!.nominalAt))).toBe(1);
      expect(await left()).toEqual([live.runId, due!.id, first!.id, manual.id].sort());
      const unstarted = await ground.transactions.run((tx) => ground.runs.deleteUnstarted(tx, jobId, new Date(0)));
      expect(unstarted).toEqual({ count: 2, earliest: due!.nominalAt });
      expect(await left()).toEqual([live.runId, manual.id].sort());
    });

    it('forgets nothing that is in line', async () => {
      const ground = await open();
      const { id: jobId } = await aStoredJob(ground);
      const [held, promised, other] = [-3, -2, -1].map((inMs) => aNewRun(jobId, ms(ground.now(), inMs)));
      await insertRuns(ground, held!, promised!, other!);
      const heldBy = held!.id;
      await ground.transactions.run((tx) =>
        ground.gates.decide(tx, [
          { runId: held!.id, kind: 'wait', heldBy, keepsPlace: false },
          { runId: promised!.id, kind: 'start', keepsPlace: true },
        ]),
      );
      const unstarted = await ground.transactions.run((tx) => ground.runs.deleteUnstarted(tx, jobId, new Date(0)));
      expect(unstarted).toEqual({ count: 1, earliest: other!.nominalAt });
    });

    it('tells a run that nobody ever had from one that was begun, when it cancels it', async () => {
      const ground = await open();
      const { id: jobId } = await aStoredJob(ground);
      const retried = await running(ground, jobId);
      await ground.leases.settle([aSettlement(retried, retryIn(1_000))]);
      const waiting = aNewRun(jobId, ms(ground.now(), 60_000));
      await insertRuns(ground, waiting);
      const cancel = (id: string) => ground.transactions.run((tx) => ground.runs.cancel(tx, id, 'cancelled_by_user'));
      expect(await cancel(waiting.id)).toBe('unstarted');
      expect(await cancel(retried.runId)).toBe('ended');
    });

    it('keeps the payload that a due run was due under, unless it has its own', async () => {
      const ground = await open();
      const { id: jobId } = await aStoredJob(ground);
      const [due, own, far] = [
        aNewRun(jobId, ms(ground.now(), -2)),
        aNewRun(jobId, ms(ground.now(), -1), { payload: { own: true } }),
        aNewRun(jobId, ms(ground.now(), 60_000)),
      ];
      await insertRuns(ground, due, own, far);
      await ground.transactions.run((tx) => ground.runs.keepPayload(tx, jobId, { old: true }));
      const payloads = await Promise.all([due, own, far].map(async ({ id }) => (await runOf(ground, id)).payload));
      expect(payloads).toEqual([{ old: true }, { own: true }, null]);
    });

    it('forgets a deleted job and all its history, and nothing of others', async () => {
      const ground = await open();
      const [job, other] = [await aStoredJob(ground), await aStoredJob(ground)];
      for (const { id } of [job, other]) {
        const run = await running(ground, id);
        await ground.logger.append([
          { runId: run.runId, jobId: id, level: 'info', status: 'running', message: 'hello', error: null },
        ]);
        await ground.leases.settle([aSettlement(run, success)]);
      }
      await ground.transactions.run(async (tx) => {
        await ground.runs.deleteByJob(tx, job.id);
        await ground.jobs.delete(tx, job.id);
      });
      const history = async (jobId: string) => [
        (await ground.runs.findByJob(jobId, {}, firstPage)).meta.total,
        (await ground.runs.executions({ jobId }, firstPage)).meta.total,
        (await ground.logs.read({ jobId }, firstPage)).meta.total,
      ];
      expect(await history(job.id)).toEqual([0, 0, 0]);
      expect(await history(other.id)).toEqual([1, 1, 3]);
    });
  });
}
