import { describe, expect, it } from '@jest/globals';
import type { Job } from '../../src/jobs/domain/job.js';
import { newId } from '../../src/kernel/ids.js';
import type { NewRun } from '../../src/runs/domain/run.js';
import type { Verdict } from '../../src/runs/execution/domain/settlement.js';
import type { StartDecision } from '../../src/runs/execution/domain/start-decision.js';
import { aClaimant, aNewRun, aRecurringJob, aSettlement, retryIn } from '../support/factories.js';
import { insertJobs, insertRuns, ms, runOf } from './ground.js';
import type { Ground, OpenGround } from './ground.js';

/** What every keeper of the gates before a recurring job's start keeps. */
export function runGatesContract(name: string, open: OpenGround): void {
  async function aGatedJob(ground: Ground, given: Partial<Job> = {}): Promise<Job> {
    const owner = await ground.anOwner();
    const [job] = await insertJobs(ground, aRecurringJob(owner, ms(ground.now(), 60_000), given));
    return job;
  }
  async function aGatedRun(ground: Ground, job: Job, inMs: number, given: Partial<NewRun> = {}): Promise<NewRun> {
    const run = aNewRun(job.id, ms(ground.now(), inMs), { gated: true, ...given });
    await insertRuns(ground, run);
    return run;
  }
  const claim = (ground: Ground, ...runIds: string[]) =>
    ground.transactions.run((tx) => ground.gates.claim(tx, runIds, aClaimant()));
  const lock = (ground: Ground, job: Job) =>
    ground.transactions.run(async (tx) => (await ground.gates.lock(tx, [job.id]))[0]!);
  const decide = (ground: Ground, ...decisions: StartDecision[]) =>
    ground.transactions.run((tx) => ground.gates.decide(tx, decisions));

  describe(`${name} as IRunGates`, () => {
    it('shows a job with its policies and what is live: running, retrying, and scheduled when due', async () => {
      const ground = await open();
      const job = await aGatedJob(ground, { overlapPolicy: 'buffer_one' });
      const [running, retrying, due] = [
        await aGatedRun(ground, job, -3_000),
        await aGatedRun(ground, job, -2_000),
        await aGatedRun(ground, job, 0),
      ];
      await aGatedRun(ground, job, 1);
      await claim(ground, running.id);
      const [claimed] = await claim(ground, retrying.id);
      await ground.leases.settle([aSettlement(claimed!, retryIn(60_000))]);
      const locked = await lock(ground, job);
      expect(locked).toMatchObject({
        ...{ jobId: job.id, overlapPolicy: 'buffer_one', catchup: job.catchup, schedule: job.schedule },
        now: ground.now(),
      });
      expect(locked.runs.map(({ runId, state }) => [runId, state]).sort()).toEqual(
        [
          [running.id, 'running'],
          [retrying.id, 'retrying'],
          [due.id, 'scheduled'],
        ].sort(),
      );
    });

    it('tells a run that was written when it had been due already from one that has become due', async () => {
      const ground = await open();
      const job = await aGatedJob(ground);
      const late = await aGatedRun(ground, job, -1_000);
      const inTime = await aGatedRun(ground, job, 50);
      await ground.advance(50);
      const { runs } = await lock(ground, job);
      const told = new Map(runs.map(({ runId, plannedLate }) => [runId, plannedLate]));
      expect([told.get(late.id), told.get(inTime.id)]).toEqual([true, false]);
    });

    it('shows of a paused job only what was asked for by hand', async () => {
      const ground = await open();
      const job = await aGatedJob(ground, { status: 'paused' });
      await aGatedRun(ground, job, -1_000);
      const manual = await aGatedRun(ground, job, 0, { trigger: 'manual' });
      expect((await lock(ground, job)).runs.map(({ runId }) => runId)).toEqual([manual.id]);
    });

    it('lets one of many through who pass the gate of one job at once', async () => {
      const ground = await open();
      const job = await aGatedJob(ground);
      const runs = [await aGatedRun(ground, job, -2), await aGatedRun(ground, job, -1)];
      const pass = () =>
        ground.transactions.run(async (tx) => {
          const [locked] = await ground.gates.lock(tx, [job.id]);
          if (!locked || locked.runs.some(({ state }) => state === 'running')) return [];
          return ground.gates.claim(tx, [runs[0]!.id], aClaimant());
        });
      const passed = await Promise.all(Array.from({ length: 6 }, pass));
      expect(passed.flat().map(({ runId }) => runId)).toEqual([runs[0]!.id]);
    });

    it('starts nothing before it is due, and hands out a rising token', async () => {
      const ground = await open();
      const job = await aGatedJob(ground);
      const run = await aGatedRun(ground, job, 10);
      expect(await claim(ground, run.id)).toEqual([]);
      await ground.advance(10);
      expect(await claim(ground, run.id)).toMatchObject([{ runId: run.id, leaseToken: '1', jobType: 'recurring' }]);
      expect(await runOf(ground, run.id)).toMatchObject({ ranVersion: job.version });
      expect(await claim(ground, run.id)).toEqual([]);
    });

    it('takes a decision back with its transaction', async () => {
      const ground = await open();
      const job = await aGatedJob(ground);
      const run = await aGatedRun(ground, job, 0);
      const broken = ground.transactions.run(async (tx) => {
        await ground.gates.claim(tx, [run.id], aClaimant());
        throw new Error('the worker fell over');
      });
      await expect(broken).rejects.toThrow('fell over');
      expect(await runOf(ground, run.id)).toMatchObject({ state: 'scheduled', leaseToken: '0', attempts: 0 });
    });

    it('ends what is skipped with its reason and its holder, unless it has started meanwhile', async () => {
      const ground = await open();
      const job = await aGatedJob(ground);
      const [holder, late] = [await aGatedRun(ground, job, -1_000), await aGatedRun(ground, job, 0)];
      await claim(ground, holder.id);
      const end = (runId: string): StartDecision => ({
        ...{ runId, kind: 'end', state: 'skipped', reason: 'overlap', detail: 'held', heldBy: holder.id },
      });
      await decide(ground, end(late.id), end(holder.id));
      expect(await runOf(ground, late.id)).toMatchObject({
        ...{ state: 'skipped', reason: 'overlap', reasonDetail: 'held', heldBy: holder.id, endedAt: ground.now() },
      });
      expect(await runOf(ground, holder.id)).toMatchObject({ state: 'running', heldBy: null });
    });

    it('notes who holds what waits, until it starts', async () => {
      const ground = await open();
      const job = await aGatedJob(ground);
      const [holder, next] = [await aGatedRun(ground, job, -1_000), await aGatedRun(ground, job, 0)];
      await decide(ground, { runId: next.id, kind: 'wait', heldBy: holder.id, keepsPlace: false });
      expect(await runOf(ground, next.id)).toMatchObject({ state: 'scheduled', heldBy: holder.id });
      await claim(ground, next.id);
      expect(await runOf(ground, next.id)).toMatchObject({ state: 'running', heldBy: null });
    });

    it('keeps a place from the first look to the last, whoever holds it', async () => {
      const ground = await open();
      const job = await aGatedJob(ground);
      const [first, second] = [await aGatedRun(ground, job, -2_000), await aGatedRun(ground, job, -1_000)];
      const places = async () => (await lock(ground, job)).runs.map(({ runId, keepsPlace }) => [runId, keepsPlace]);
      expect(await places()).toEqual([first, second].map(({ id }) => [id, false]));
      const waits = (keepsPlace: boolean, heldBy: string): StartDecision => {
        return { runId: second.id, kind: 'wait', heldBy, keepsPlace };
      };
      await decide(ground, { runId: first.id, kind: 'start', keepsPlace: true }, waits(true, first.id));
      await claim(ground, first.id);
      await decide(ground, waits(false, newId()));
      const kept = [second, first].map(({ id }) => [id, true]);
      expect((await places()).sort()).toEqual(kept.sort());
      expect((await lock(ground, job)).runs.map(({ startedAt }) => startedAt)).toContainEqual(ground.now());
    });

    it('gives a run that was handed back its place', async () => {
      const ground = await open();
      const job = await aGatedJob(ground);
      const run = await aGatedRun(ground, job, 0);
      const [claimed] = await claim(ground, run.id);
      const back: Verdict = { state: 'scheduled', reason: 'handed_back', detail: null, delayMs: 0, counts: false };
      expect((await lock(ground, job)).runs).toMatchObject([{ state: 'running', keepsPlace: false }]);
      await ground.leases.settle([aSettlement(claimed!, back)]);
      expect((await lock(ground, job)).runs).toMatchObject([{ state: 'scheduled', keepsPlace: true }]);
    });

    it('shows how far the job is planned', async () => {
      const ground = await open();
      const [nextRunAt, activeUntil] = [ms(ground.now(), 60_000), ms(ground.now(), 30_000)];
      const job = await aGatedJob(ground, { nextRunAt, plannedCount: 7, activeUntil });
      expect(await lock(ground, job)).toMatchObject({ nextRunAt, plannedCount: 7, activeUntil, unseen: 0 });
    });

    it('asks what runs to end, and ends what is between two attempts', async () => {
      const ground = await open();
      const job = await aGatedJob(ground);
      const [running, retrying] = [await aGatedRun(ground, job, -2_000), await aGatedRun(ground, job, -1_000)];
      const [live, failed] = [...(await claim(ground, running.id)), ...(await claim(ground, retrying.id))];
      await ground.leases.settle([aSettlement(failed!, retryIn(60_000))]);
      await decide(ground, { runId: running.id, kind: 'cancel' }, { runId: retrying.id, kind: 'cancel' });
      expect(await ground.leases.renew([live!], 10_000)).toEqual([
        { runId: running.id, cancelRequested: true, renewed: true },
      ]);
      expect(await runOf(ground, retrying.id)).toMatchObject({ state: 'cancelled', reason: 'cancelled_by_overlap' });
    });

    it('names for each job the run whose turn it is', async () => {
      const ground = await open();
      const [job, idle] = [await aGatedJob(ground), await aGatedJob(ground)];
      await aGatedRun(ground, job, 60_000);
      const second = await aGatedRun(ground, job, -1_000);
      const first = await aGatedRun(ground, job, -2_000);
      await aGatedRun(ground, idle, 60_000);
      expect(await ground.gates.nextInLine([job.id, idle.id])).toEqual([{ runId: first.id, jobId: job.id }]);
      await claim(ground, first.id);
      expect(await ground.gates.nextInLine([job.id])).toEqual([{ runId: second.id, jobId: job.id }]);
    });
  });
}
