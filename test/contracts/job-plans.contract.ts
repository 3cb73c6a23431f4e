import { describe, expect, it } from '@jest/globals';
import type { Job } from '../../src/jobs/domain/job.js';
import { aClaimant, aNewRun, aRecurringJob, aSettlement, failure, success } from '../support/factories.js';
import type { Verdict } from '../../src/runs/execution/domain/settlement.js';
import { aboutToStartMs } from '../../src/jobs/interfaces/job-repository.js';
import { insertJobs, insertRuns, ms } from './ground.js';
import type { Ground, OpenGround } from './ground.js';

/** What every planning board keeps. */
export function jobPlansContract(name: string, open: OpenGround): void {
  const lockDue = (ground: Ground, withinMs: number, limit = 10) =>
    ground.transactions.run((tx) => ground.plans.lockDue(tx, { withinMs, urgentMs: 0 }, limit));

  async function aJobDue(ground: Ground, inMs: number | null, given: Partial<Job> = {}): Promise<Job> {
    const owner = await ground.anOwner();
    const [job] = await insertJobs(ground, aRecurringJob(owner, inMs === null ? null : ms(ground.now(), inMs), given));
    return job;
  }

  async function end(ground: Ground, job: Job, verdicts: Verdict[]): Promise<void> {
    for (const verdict of verdicts) {
      await ground.advance(1_000);
      const run = aNewRun(job.id, ground.now());
      await insertRuns(ground, run);
      const [claimed] = await ground.leases.claim([run.id], aClaimant());
      await ground.leases.settle([aSettlement(claimed!, verdict)]);
    }
  }

  describe(`${name} as IJobPlans`, () => {
    it('finds pending jobs whose next time comes within the horizon, soonest first, whole', async () => {
      const ground = await open();
      const later = await aJobDue(ground, 50_000);
      const sooner = await aJobDue(ground, -50_000);
      await aJobDue(ground, 60_001);
      await aJobDue(ground, null);
      await aJobDue(ground, 0, { status: 'paused', pausedAt: ground.now() });
      await aJobDue(ground, 0, { status: 'cancelled' });
      expect(await lockDue(ground, 60_000)).toEqual([sooner, later]);
      expect(await lockDue(ground, 60_000, 1)).toEqual([sooner]);
      await ground.advance(1);
      expect(await lockDue(ground, 60_000)).toHaveLength(3);
    });

    it('leaves a job alone while one of its runs is about to start, until its next time is urgent', async () => {
      const ground = await open();
      const plannable = (urgentMs: number) =>
        ground.transactions.run((tx) => ground.plans.lockDue(tx, { withinMs: 60_000, urgentMs }, 10));
      const job = await aJobDue(ground, 30_000);
      const run = aNewRun(job.id, ms(ground.now(), aboutToStartMs.before + 1), { gated: true });
      await insertRuns(ground, run);
      expect(await plannable(0)).toEqual([job]);
      await ground.advance(1);
      expect(await plannable(0)).toEqual([]);
      expect(await plannable(29_999)).toEqual([job]);
      await ground.advance(aboutToStartMs.before + aboutToStartMs.after);
      expect(await plannable(0)).toEqual([]);
      await ground.advance(1);
      expect(await plannable(0)).toEqual([job]);
    });

    it('makes no way for what has started', async () => {
      const ground = await open();
      const job = await aJobDue(ground, 30_000);
      const run = aNewRun(job.id, ground.now());
      await insertRuns(ground, run);
      expect(await lockDue(ground, 60_000)).toEqual([]);
      await ground.leases.claim([run.id], aClaimant());
      expect(await lockDue(ground, 60_000)).toEqual([job]);
    });

    it('hands each job to one of many planners', async () => {
      const ground = await open();
      const jobs = await Promise.all(Array.from({ length: 12 }, () => aJobDue(ground, 0)));
      const plan = () =>
        ground.transactions.run(async (tx) => {
          const locked = await ground.plans.lockDue(tx, { withinMs: 0, urgentMs: 0 }, 5);
          await ground.plans.advance(
            tx,
            locked.map((job) => ({ ...job, nextRunAt: ms(ground.now(), 60_000), plannedCount: job.plannedCount + 1 })),
          );
          return locked.map(({ id }) => id);
        });
      const planned = (await Promise.all([plan(), plan(), plan(), plan()])).flat();
      while (planned.length < jobs.length) planned.push(...(await plan()));
      expect(planned.sort()).toEqual(jobs.map(({ id }) => id).sort());
      const stored = await ground.jobs.find(jobs[0]!.id, jobs[0]!.userId);
      expect(stored).toMatchObject({ plannedCount: 1, nextRunAt: ms(ground.now(), 60_000) });
    });

    it('finds paused jobs when their pause has run out, and not before', async () => {
      const ground = await open();
      const paused = { status: 'paused', pausedAt: ground.now() } as const;
      const job = await aJobDue(ground, 0, { ...paused, pausedUntil: ms(ground.now(), 5_000) });
      await aJobDue(ground, 0, { ...paused, pausedUntil: null });
      const resumable = () => ground.transactions.run((tx) => ground.plans.lockResumable(tx, 10));
      await ground.advance(4_999);
      expect(await resumable()).toEqual([]);
      await ground.advance(1);
      expect(await resumable()).toEqual([job]);
      await ground.transactions.run((tx) => ground.plans.setStatus(tx, job.id, 'pending'));
      expect(await resumable()).toEqual([]);
    });

    it('takes a job out of planning whose schedule cannot be computed', async () => {
      const ground = await open();
      const job = await aJobDue(ground, 0);
      await ground.plans.pauseBroken(job.id, 'no such zone');
      expect(await lockDue(ground, 60_000)).toEqual([]);
      expect(await ground.jobs.find(job.id, job.userId)).toMatchObject({
        status: 'paused',
        pausedAt: ground.now(),
        pausedUntil: null,
        pauseNote: 'no such zone',
      });
    });

    it('leaves a finished job finished, even if its schedule is broken', async () => {
      const ground = await open();
      const job = await aJobDue(ground, null, { status: 'cancelled' });
      await ground.plans.pauseBroken(job.id, 'no such zone');
      expect((await ground.jobs.find(job.id, job.userId))?.status).toBe('cancelled');
    });

    it.each<[string, Verdict[], boolean]>([
      ['as many failures in a row as allowed', [success, failure, failure], true],
      ['fewer', [failure], false],
      ['as many, but not in a row', [failure, success, failure], false],
      ['none', [success, success], false],
    ])('pauses after %s: %#', async (_, verdicts, expected) => {
      const ground = await open();
      const job = await aJobDue(ground, 0, { pauseAfterFailures: 2 });
      await end(ground, job, verdicts);
      expect(await ground.plans.pauseIfFailing(job.id)).toBe(expected);
      expect((await ground.jobs.find(job.id, job.userId))?.status).toBe(expected ? 'paused' : 'pending');
    });

    it('counts failures anew after a pause, and never where no limit is set', async () => {
      const ground = await open();
      const job = await aJobDue(ground, 0, { pauseAfterFailures: 2 });
      await end(ground, job, [failure, failure]);
      expect(await ground.plans.pauseIfFailing(job.id)).toBe(true);
      await ground.transactions.run((tx) => ground.plans.setStatus(tx, job.id, 'pending'));
      await end(ground, job, [failure]);
      expect(await ground.plans.pauseIfFailing(job.id)).toBe(false);
      const patient = await aJobDue(ground, 0);
      await end(ground, patient, [failure, failure, failure]);
      expect(await ground.plans.pauseIfFailing(patient.id)).toBe(false);
    });

    it('completes a job that has neither a time to plan nor a run to end', async () => {
      const ground = await open();
      const exhausted = await aJobDue(ground, null);
      const planned = await aJobDue(ground, 60_000);
      const running = await aJobDue(ground, null);
      await insertRuns(ground, aNewRun(running.id, ground.now()));
      expect(await ground.plans.completeExhausted()).toBe(1);
      const statuses = [exhausted, planned, running].map(
        async ({ id, userId }) => (await ground.jobs.find(id, userId))?.status,
      );
      expect(await Promise.all(statuses)).toEqual(['completed', 'pending', 'pending']);
    });
  });
}
