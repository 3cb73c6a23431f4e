import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { engineContracts } from '../contracts/engine.contract.js';
import { aStoredJob, insertJobs, insertRuns } from '../contracts/ground.js';
import { aClaimant, aNewRun, aRecurringJob } from '../support/factories.js';
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

  it('make no planner wait for another: it takes what is left', async () => {
    const ground = await postgres.empty();
    const owner = await ground.anOwner();
    const jobs = await insertJobs(ground, aRecurringJob(owner, ground.now()), aRecurringJob(owner, ground.now()));
    await ground.transactions.run(async (one) => {
      const [first] = await ground.plans.lockDue(one, 0, 1);
      await ground.transactions.run(async (other) => {
        const left = await ground.plans.lockDue(other, 0, 10);
        expect([first?.id, ...left.map(({ id }) => id)].sort()).toEqual(jobs.map(({ id }) => id).sort());
        expect((await ground.gates.lock(other, [first!.id])).map(({ jobId }) => jobId)).toEqual([]);
      });
    });
  });
});
