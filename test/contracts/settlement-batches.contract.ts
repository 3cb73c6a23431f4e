import { describe, expect, it } from '@jest/globals';
import type { Verdict } from '../../src/runs/execution/domain/settlement.js';
import { aClaimant, aNewRun, aRecurringJob, aSettlement, failure, retryIn, success } from '../support/factories.js';
import { aStoredJob, firstPage, insertJobs, insertRuns, ms, runOf } from './ground.js';
import type { Ground, OpenGround } from './ground.js';

/** What a batch of settlements says and does must not depend on what else is in it. */
export function settlementBatchesContract(name: string, open: OpenGround): void {
  async function aClaimedRun(ground: Ground) {
    const run = aNewRun((await aStoredJob(ground)).id, ground.now());
    await insertRuns(ground, run);
    return (await ground.leases.claim([run.id], aClaimant()))[0]!;
  }
  async function aClaimedGatedRun(ground: Ground) {
    const [job] = await insertJobs(ground, aRecurringJob(await ground.anOwner(), ms(ground.now(), 60_000)));
    const run = aNewRun(job.id, ground.now(), { gated: true });
    await insertRuns(ground, run);
    return (await ground.transactions.run((tx) => ground.gates.claim(tx, [run.id], aClaimant())))[0]!;
  }

  describe(`${name} as IRunLeases, of many at once`, () => {
    it.each<[string, Verdict[]]>([
      ['nothing else', []],
      ['a failure', [failure]],
      ['a retry and a failure', [retryIn(500), failure]],
    ])('settles successes beside %s, but for the one that has been taken over', async (_, others) => {
      const ground = await open();
      const plain = await aClaimedRun(ground);
      const silent = await aClaimedRun(ground);
      const gated = await aClaimedGatedRun(ground);
      const fenced = await aClaimedRun(ground);
      await ground.leases.settle([aSettlement(fenced, failure)]);
      const rest = await Promise.all(others.map(async (verdict) => ({ verdict, run: await aClaimedRun(ground) })));
      await ground.advance(500);
      const nothing = { status: 'succeeded' as const, result: null, startedAgoMs: 300, endedAgoMs: 100 };
      const settled = await ground.leases.settle([
        aSettlement(fenced, success),
        aSettlement(gated, success),
        ...rest.map(({ run, verdict }) => aSettlement(run, verdict)),
        aSettlement(silent, success, { execution: nothing }),
        aSettlement(plain, success),
      ]);
      const succeeded = { state: 'succeeded', dueInMs: null };
      expect(new Map(settled.map(({ runId, ...answer }) => [runId, answer]))).toEqual(
        new Map<string, unknown>([
          [gated.runId, { jobId: gated.jobId, ...succeeded, gated: true }],
          [silent.runId, { jobId: silent.jobId, ...succeeded, gated: false }],
          [plain.runId, { jobId: plain.jobId, ...succeeded, gated: false }],
          ...rest.map(({ run: { runId, jobId }, verdict: { state, delayMs } }): [string, unknown] => [
            runId,
            { jobId, state, dueInMs: delayMs, gated: false },
          ]),
        ]),
      );
      const ended = { state: 'succeeded', reason: 'completed', attempts: 1 };
      expect(await runOf(ground, plain.runId)).toMatchObject(ended);
      expect(await runOf(ground, silent.runId)).toMatchObject({ ...ended, endedAt: ms(ground.now(), -100) });
      expect(await runOf(ground, fenced.runId)).toMatchObject({ state: 'failed' });
      const [attempt] = (await ground.runs.executions({ runId: silent.runId }, firstPage)).data;
      expect(attempt).toMatchObject({
        ...{ status: 'succeeded', result: null, errorMessage: null },
        ...{ startedAt: ms(ground.now(), -300), completedAt: ms(ground.now(), -100) },
      });
      const job = await ground.jobs.find(plain.jobId, plain.userId);
      expect(job).toMatchObject({ status: 'completed' });
    });

    it('knows what has been committed, whose answer may have been lost, from what was taken over', async () => {
      const ground = await open();
      const [ended, retried, unbegun] = [
        await aClaimedRun(ground),
        await aClaimedRun(ground),
        await aClaimedRun(ground),
      ];
      const [lost, running, again] = [await aClaimedRun(ground), await aClaimedRun(ground), await aClaimedRun(ground)];
      const givenUp: Verdict = { ...failure, state: 'cancelled', reason: 'cancelled_by_user', counts: false };
      const nothing = { status: null, result: null, startedAgoMs: null, endedAgoMs: 0 };
      const ours = [
        aSettlement(ended, success),
        aSettlement(retried, retryIn(500)),
        aSettlement(unbegun, givenUp, { execution: nothing }),
        aSettlement(again, retryIn(0)),
      ];
      await ground.leases.settle(ours);
      await ground.leases.claim([again.runId], aClaimant());
      const asLost = { status: 'lost' as const, result: null, startedAgoMs: null, endedAgoMs: 0 };
      await ground.leases.settle([aSettlement(lost, retryIn(0), { execution: asLost })]);
      await ground.advance(200);
      const known = await ground.leases.committed([...ours, aSettlement(lost, success), aSettlement(running, success)]);
      expect(new Map(known.map(({ runId, ...answer }) => [runId, answer]))).toEqual(
        new Map([
          [ended.runId, { jobId: ended.jobId, state: 'succeeded', dueInMs: null, gated: false }],
          [retried.runId, { jobId: retried.jobId, state: 'retrying', dueInMs: 300, gated: false }],
          [unbegun.runId, { jobId: unbegun.jobId, state: 'cancelled', dueInMs: null, gated: false }],
          [again.runId, { jobId: again.jobId, state: 'running', dueInMs: null, gated: false }],
        ]),
      );
    });
  });
}
