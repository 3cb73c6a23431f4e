import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { engineContracts } from '../contracts/engine.contract.js';
import { entityManagerOf } from '../../src/database/typeorm-transaction-runner.js';
import { aStoredJob, insertJobs, insertRuns, ms } from '../contracts/ground.js';
import { aClaimant, aNewRun, aRecurringJob, aSettlement } from '../support/factories.js';
import { startPostgresGround } from '../support/postgres-ground.js';

let postgres: Awaited<ReturnType<typeof startPostgresGround>>;

beforeAll(async () => {
  postgres = await startPostgresGround();
});

afterAll(() => postgres.stop());

engineContracts('Typeorm', () => postgres.empty());

describe('row locks in PostgreSQL', () => {
  it('let no claim come between a look at the live runs of a job and what is decided of them', async () => {
    const ground = await postgres.empty();
    const job = await aStoredJob(ground);
    const run = aNewRun(job.id, ground.now());
    await insertRuns(ground, run);
    await ground.transactions.run(async (tx) => {
      expect(await ground.runs.lockLive(tx, job.id)).toMatchObject([{ id: run.id, state: 'scheduled' }]);
      expect(await ground.leases.claim([run.id], aClaimant())).toEqual([]);
    });
    expect(await ground.leases.claim([run.id], aClaimant())).toMatchObject([{ runId: run.id }]);
  });

  it('make no renewal wait: what is locked is held as before, the others are renewed', async () => {
    const ground = await postgres.empty();
    const { id: jobId } = await aStoredJob(ground);
    const runs = [aNewRun(jobId, ground.now()), aNewRun(jobId, ms(ground.now(), 1), { trigger: 'manual' })];
    await insertRuns(ground, ...runs);
    await ground.advance(1);
    const claimed = await ground.leases.claim(
      runs.map(({ id }) => id),
      aClaimant({ leaseMs: 1_000 }),
    );
    const [locked, free] = runs.map(({ id }) => id);
    await ground.transactions.run(async (tx) => {
      await entityManagerOf(tx).query('SELECT FROM runs WHERE id = $1 FOR NO KEY UPDATE', [locked]);
      const answers = await ground.leases.renew(claimed, 60_000);
      expect(new Map(answers.map(({ runId, renewed }) => [runId, renewed]))).toEqual(
        new Map([
          [locked, false],
          [free, true],
        ]),
      );
    });
    await ground.advance(1_001);
    expect((await ground.leases.findExpired(10)).map(({ runId }) => runId)).toEqual([locked]);
  });

  it('make no deadlock of renewals and settlements of the same runs, in whatever order', async () => {
    const ground = await postgres.empty();
    for (let round = 0; round < 10; round += 1) {
      const { id: jobId } = await aStoredJob(ground);
      const runs = Array.from({ length: 300 }, (_, index) => aNewRun(jobId, ms(ground.now(), index - 1_000)));
      await insertRuns(ground, ...runs);
      const claimed = await ground.leases.claim(
        runs.map(({ id }) => id),
        aClaimant(),
      );
      const settled = ground.leases.settle(claimed.map((run) => aSettlement(run)));
      const renewals = Array.from({ length: 4 }, () => ground.leases.renew([...claimed].reverse(), 60_000));
      await Promise.all(renewals);
      expect(await settled).toHaveLength(300);
    }
  });

  it('make no planner wait for another: it takes what is left', async () => {
    const ground = await postgres.empty();
    const owner = await ground.anOwner();
    const jobs = await insertJobs(ground, aRecurringJob(owner, ground.now()), aRecurringJob(owner, ground.now()));
    await ground.transactions.run(async (one) => {
      const [first] = await ground.plans.lockDue(one, { withinMs: 0, urgentMs: 0 }, 1);
      await ground.transactions.run(async (other) => {
        const left = await ground.plans.lockDue(other, { withinMs: 0, urgentMs: 0 }, 10);
        expect([first?.id, ...left.map(({ id }) => id)].sort()).toEqual(jobs.map(({ id }) => id).sort());
        expect((await ground.gates.lock(other, [first!.id])).map(({ jobId }) => jobId)).toEqual([]);
      });
    });
  });
});
