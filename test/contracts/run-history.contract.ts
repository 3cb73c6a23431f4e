import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Job } from '../../src/jobs/domain/job.js';
import { mayGo } from '../../src/runs/history/domain/retention.js';
import type { RunAges } from '../../src/runs/history/domain/retention.js';
import type { NewRun } from '../../src/runs/domain/run.js';
import { isFinal } from '../../src/runs/domain/run-state.js';
import type { Verdict } from '../../src/runs/execution/domain/settlement.js';
import {
  aClaimant,
  aNewRun,
  aRecurringJob,
  aSettlement,
  failure,
  idAt,
  retryIn,
  success,
} from '../support/factories.js';
import { wholePass } from '../support/whole-pass.js';
import { aStoredJob, firstPage, insertJobs, insertRuns, ms, runOf } from './ground.js';
import type { Ground, OpenGround } from './ground.js';

const dayMs = 86_400_000;
const ages: RunAges = { runsMs: 90 * dayMs, failedRunsMs: 180 * dayMs, jobsMs: 90 * dayMs };
const skipped = { state: 'skipped', reason: 'overlap', detail: 'One before it ran.' } as const;

/** What every book of history keeps: what is live, young or still needed stays; what goes leaves no gap behind. */
export function runHistoryContract(name: string, open: OpenGround): void {
  /** A run that was made, and is due, now. */
  async function aRun(ground: Ground, jobId: string, given: Partial<NewRun> = {}): Promise<string> {
    const run = aNewRun(jobId, ground.now(), { id: idAt(ground.now()), ...given });
    await insertRuns(ground, run);
    return run.id;
  }
  async function settled(ground: Ground, runId: string, verdict: Verdict, gated = false): Promise<void> {
    const [claimed] = gated
      ? await ground.transactions.run((tx) => ground.gates.claim(tx, [runId], aClaimant()))
      : await ground.leases.claim([runId], aClaimant());
    if (claimed) await ground.leases.settle([aSettlement(claimed, verdict)]);
  }
  async function anEndedRun(ground: Ground, jobId: string, verdict = success, given: Partial<NewRun> = {}) {
    const id = await aRun(ground, jobId, given);
    await settled(ground, id, verdict, given.gated);
    return id;
  }
  const aJobOf = (ground: Ground, given: Partial<Job> = {}) => aStoredJob(ground, { id: idAt(ground.now()), ...given });
  async function aRecurring(ground: Ground, given: Partial<Job> = {}): Promise<Job> {
    const job = aRecurringJob(await ground.anOwner(), ground.now(), { id: idAt(ground.now()), ...given });
    await insertJobs(ground, job);
    return job;
  }
  /** From now on age alone decides on its runs. */
  const finish = (ground: Ground, { id }: Job) =>
    ground.transactions.run((tx) => ground.plans.setStatus(tx, id, 'cancelled'));

  const pruneRuns = (ground: Ground, given: Partial<RunAges> = {}, limit = 3) =>
    wholePass((after) =>
      ground.transactions.run((tx) => ground.history.pruneRuns(tx, { ...ages, ...given }, after, limit)),
    );
  const pruneJobs = (ground: Ground, given: Partial<RunAges> = {}, limit = 3) =>
    wholePass((after) =>
      ground.transactions.run((tx) => ground.history.pruneJobs(tx, { ...ages, ...given }, after, limit)),
    );
  const exists = async (ground: Ground, runId: string) => (await ground.runs.find(runId)) !== null;

  describe(`${name} as IRunHistory`, () => {
    it('deletes a run with all that belongs to it once it is older than it is kept, not a moment before', async () => {
      const ground = await open();
      const job = await aRecurring(ground);
      const id = await anEndedRun(ground, job.id);
      const line = {
        runId: id,
        jobId: job.id,
        level: 'info',
        status: 'running',
        message: 'hello',
        error: null,
      } as const;
      await ground.logger.append([line]);
      await finish(ground, job);
      await ground.advance(90 * dayMs);
      expect(await pruneRuns(ground)).toBe(0);
      expect(await exists(ground, id)).toBe(true);
      await ground.advance(1);
      expect(await pruneRuns(ground)).toBe(1);
      expect(await exists(ground, id)).toBe(false);
      expect((await ground.runs.executions({ jobId: job.id }, firstPage)).meta.total).toBe(0);
      expect((await ground.logs.read({ jobId: job.id }, firstPage)).meta.total).toBe(0);
      expect(await pruneRuns(ground)).toBe(0);
    });

    it('keeps failed runs as long as failed runs are kept', async () => {
      const ground = await open();
      const job = await aRecurring(ground);
      const good = await anEndedRun(ground, job.id);
      const bad = await anEndedRun(ground, job.id, failure, { nominalAt: ms(ground.now(), 1) });
      await finish(ground, job);
      await ground.advance(91 * dayMs);
      expect(await pruneRuns(ground)).toBe(1);
      expect([await exists(ground, good), await exists(ground, bad)]).toEqual([false, true]);
      await ground.advance(90 * dayMs);
      expect(await pruneRuns(ground)).toBe(1);
      expect(await exists(ground, bad)).toBe(false);
    });

    it.each<[string, Partial<RunAges>, number]>([
      ['runs', { runsMs: null }, 1],
      ['failed runs', { failedRunsMs: null }, 1],
      ['everything', { runsMs: null, failedRunsMs: null }, 0],
    ])('keeps %s for ever when told to', async (_what, given, gone) => {
      const ground = await open();
      const job = await aRecurring(ground);
      await anEndedRun(ground, job.id);
      await anEndedRun(ground, job.id, failure, { nominalAt: ms(ground.now(), 1) });
      await finish(ground, job);
      await ground.advance(3_650 * dayMs);
      expect(await pruneRuns(ground, given)).toBe(gone);
    });

    it('leaves what waits, runs or retries, however old', async () => {
      const ground = await open();
      const job = await aRecurring(ground);
      const live = await Promise.all(
        [0, 1, 2].map((index) => aRun(ground, job.id, { nominalAt: ms(ground.now(), index), trigger: 'manual' })),
      );
      await ground.leases.claim([live[1]!], aClaimant());
      await settled(ground, live[2]!, retryIn(1_000));
      await finish(ground, job);
      await ground.advance(3_650 * dayMs);
      expect(await pruneRuns(ground)).toBe(0);
      const states = await Promise.all(live.map(async (id) => (await runOf(ground, id)).state));
      expect(states).toEqual(['scheduled', 'running', 'retrying']);
    });

    it('marks up to which scheduled time rows may be gone, and never takes the mark back', async () => {
      const ground = await open();
      const job = await aRecurring(ground);
      const start = ground.now();
      const range = { final: skipped, nominalAt: ms(start, 2_000), nominalUntil: ms(start, 9_000), count: 8 };
      await anEndedRun(ground, job.id, success, { nominalAt: ms(start, 1_000) });
      await aRun(ground, job.id, range);
      await anEndedRun(ground, job.id, failure, { nominalAt: ms(start, 500) });
      await anEndedRun(ground, job.id, success, { nominalAt: ms(start, 20_000), trigger: 'manual' });
      expect(await ground.history.prunedUntil(job.id)).toBeNull();
      await finish(ground, job);
      await ground.advance(91 * dayMs);
      expect(await pruneRuns(ground)).toBe(3);
      expect(await ground.history.prunedUntil(job.id)).toEqual(ms(start, 9_000));
      await ground.advance(90 * dayMs);
      expect(await pruneRuns(ground)).toBe(1);
      expect(await ground.history.prunedUntil(job.id)).toEqual(ms(start, 9_000));
      await ground.transactions.run((tx) => ground.runs.deleteByJob(tx, job.id));
      expect(await ground.history.prunedUntil(job.id)).toBeNull();
    });

    it('does not go past a live run of the job: who plans its times again finds all rows from there on', async () => {
      const ground = await open();
      const job = await aRecurring(ground);
      const start = ground.now();
      const before = await anEndedRun(ground, job.id, success, { nominalAt: ms(start, -1_000) });
      const waiting = await aRun(ground, job.id, { nominalAt: start });
      const after = await anEndedRun(ground, job.id, success, { nominalAt: ms(start, 1_000) });
      await finish(ground, job);
      await ground.advance(100 * dayMs);
      expect(await pruneRuns(ground)).toBe(1);
      expect(await exists(ground, before)).toBe(false);
      await ground.transactions.run((tx) => ground.runs.cancel(tx, waiting, 'cancelled_by_user'));
      expect(await pruneRuns(ground)).toBe(1);
      expect([await exists(ground, after), await exists(ground, waiting)]).toEqual([false, true]);
    });

    it('keeps the latest attempts of a job that still runs: at least twenty, and all that decide on its pause', async () => {
      const ground = await open();
      const plain = await aRecurring(ground);
      const pausing = await aRecurring(ground, { pauseAfterFailures: 11, maxRetries: 1 });
      for (const { id } of [plain, pausing])
        for (let index = 0; index < 24; index += 1) {
          await anEndedRun(ground, id, success, { nominalAt: ground.now(), gated: true });
          await aRun(ground, id, { nominalAt: ms(ground.now(), 1), final: skipped, gated: true });
          await ground.advance(1_000);
        }
      await ground.advance(100 * dayMs);
      expect(await pruneRuns(ground)).toBe(48 + 4 + 2);
      const { data } = await ground.runs.findByJob(plain.id, {}, firstPage);
      expect(data).toHaveLength(20);
      expect(new Set(data.map(({ state }) => state))).toEqual(new Set(['succeeded']));
      expect((await ground.runs.findByJob(pausing.id, {}, firstPage)).meta.total).toBe(22);
      expect((await ground.jobs.find(plain.id, plain.userId))?.lastRun?.id).toBe(data[0]?.id);
    });

    it('leaves backfilled runs to their backfill', async () => {
      const ground = await open();
      const job = await aRecurring(ground);
      await anEndedRun(ground, job.id, success, { trigger: 'backfill' });
      await finish(ground, job);
      await ground.advance(3_650 * dayMs);
      expect(await pruneRuns(ground)).toBe(0);
    });

    it('deletes an ended one-time job with its runs, once job and runs are old', async () => {
      const ground = await open();
      const job = await aJobOf(ground);
      const [failed, cancelled] = [await aJobOf(ground), await aJobOf(ground, { status: 'cancelled' })];
      const id = await anEndedRun(ground, job.id);
      await anEndedRun(ground, failed.id, failure);
      const recurring = await aRecurring(ground);
      await ground.advance(90 * dayMs);
      expect(await pruneJobs(ground)).toBe(0);
      await ground.advance(1);
      expect(await pruneJobs(ground)).toBe(2);
      expect(await exists(ground, id)).toBe(false);
      expect((await ground.runs.executions({ jobId: job.id }, firstPage)).meta.total).toBe(0);
      const left = async ({ id, userId }: Job) => (await ground.jobs.find(id, userId)) !== null;
      expect(await Promise.all([job, cancelled, failed, recurring].map(left))).toEqual([false, false, true, true]);
      await ground.advance(90 * dayMs);
      expect(await pruneJobs(ground)).toBe(1);
      expect(await pruneRuns(ground)).toBe(0);
    });

    it('keeps a one-time job that waits, was triggered lately, or shall be kept', async () => {
      const ground = await open();
      const [far, triggered] = [await aJobOf(ground), await aJobOf(ground)];
      await aRun(ground, far.id, { nominalAt: ms(ground.now(), 1_000 * dayMs) });
      await anEndedRun(ground, triggered.id);
      await ground.advance(100 * dayMs);
      await aRun(ground, triggered.id, { trigger: 'manual' });
      expect(await pruneJobs(ground)).toBe(0);
      await ground.advance(3_650 * dayMs);
      expect(await pruneJobs(ground)).toBe(0);
      expect(await pruneJobs(ground, { jobsMs: null })).toBe(0);
    });

    it('shares the work out among many at once: each run goes once, and the mark is that of all', async () => {
      const ground = await open();
      const jobs = await Promise.all([1, 2, 3].map(() => aRecurring(ground)));
      const start = ground.now();
      for (const { id } of jobs)
        for (let index = 0; index < 10; index += 1)
          await aRun(ground, id, { final: skipped, nominalAt: ms(start, index) });
      for (const job of jobs) await finish(ground, job);
      await ground.advance(91 * dayMs);
      const gone = await Promise.all([1, 2, 3, 4].map(() => pruneRuns(ground, {}, 4)));
      const left = await pruneRuns(ground);
      expect(gone.reduce((sum, count) => sum + count, left)).toBe(30);
      for (const { id } of jobs) {
        expect((await ground.runs.findByJob(id, {}, firstPage)).meta.total).toBe(0);
        expect(await ground.history.prunedUntil(id)).toEqual(ms(start, 9));
      }
    });

    it('deletes what the rule names and nothing else, whatever has happened', async () => {
      const kinds = ['succeed', 'fail', 'skip', 'range', 'wait', 'run', 'retry', 'manual', 'backfill'] as const;
      const event = fc.record({ job: fc.nat(2), kind: fc.constantFrom(...kinds), days: fc.nat(60) });
      await fc.assert(
        fc.asyncProperty(fc.array(event, { maxLength: 24 }), fc.integer({ min: 1, max: 7 }), async (events, limit) => {
          const ground = await open();
          const jobs = [await aRecurring(ground), await aRecurring(ground), await aJobOf(ground)];
          for (const [index, { job, kind, days }] of events.entries()) {
            const nominalAt = ms(ground.now(), index * 1_000);
            const given: Partial<NewRun> = {
              nominalAt,
              dueAt: ground.now(),
              ...(kind === 'manual' || kind === 'backfill' ? { trigger: kind } : {}),
              ...(kind === 'skip' || kind === 'range' ? { final: skipped } : {}),
              ...(kind === 'range' ? { nominalUntil: ms(nominalAt, 500), count: 2 } : {}),
            };
            const id = await aRun(ground, jobs[job]!.id, given);
            if (kind === 'run') await ground.leases.claim([id], aClaimant());
            if (kind === 'fail') await settled(ground, id, failure);
            if (kind === 'retry') await settled(ground, id, retryIn(1_000));
            if (['succeed', 'manual', 'backfill'].includes(kind)) await settled(ground, id, success);
            await ground.advance(days * dayMs);
          }
          await finish(ground, jobs[1]!);
          const before = await Promise.all(jobs.map((job) => historyOf(ground, job)));
          await pruneRuns(ground, {}, limit);
          for (const { job, runs, executions } of before) {
            const live = runs.filter(({ state, trigger }) => trigger === 'schedule' && !isFinal(state));
            const liveFrom =
              live.map(({ nominalAt }) => nominalAt).sort((a, b) => a.getTime() - b.getTime())[0] ?? null;
            const stored = { ...job, status: job.status === 'running' ? 'pending' : job.status } as const;
            const keeping = { job: stored, liveFrom, executions };
            const gone = runs.filter((run) => mayGo(run, keeping, ages, ground.now()));
            const after = await historyOf(ground, job);
            expect(idsOf(after.runs)).toEqual(idsOf(runs.filter((run) => !gone.includes(run))));
            const kept = new Set(idsOf(after.runs));
            expect(after.executions.map(({ runId }) => runId).filter((id) => !kept.has(id))).toEqual([]);
            expect(after.executions).toHaveLength(executions.filter(({ runId }) => kept.has(runId)).length);
            for (const { state, endedAt, trigger, nominalAt, nominalUntil } of gone) {
              expect(isFinal(state) && ground.now().getTime() - endedAt!.getTime() > 90 * dayMs).toBe(true);
              const mark = await ground.history.prunedUntil(job.id);
              if (trigger === 'schedule') expect(mark! >= (nominalUntil ?? nominalAt)).toBe(true);
            }
          }
        }),
        { numRuns: 25 },
      );
    });
  });

  async function historyOf(ground: Ground, { id, userId }: Pick<Job, 'id' | 'userId'>) {
    const [job, runs, executions] = await Promise.all([
      ground.jobs.find(id, userId),
      ground.runs.findByJob(id, {}, firstPage),
      ground.runs.executions({ jobId: id }, firstPage),
    ]);
    return { job: job!, runs: runs.data, executions: executions.data };
  }
}

const idsOf = (runs: { id: string }[]): string[] => runs.map(({ id }) => id).sort();
