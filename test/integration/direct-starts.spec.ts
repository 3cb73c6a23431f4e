import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { aStoredJob, insertRuns, ms } from '../contracts/ground.js';
import { aClaimant, aNewRun } from '../support/factories.js';
import { startPostgresGround } from '../support/postgres-ground.js';

let postgres: Awaited<ReturnType<typeof startPostgresGround>>;
beforeAll(async () => (postgres = await startPostgresGround()));
afterAll(() => postgres.stop());

it.each([
  [1_000, 0],
  [3_600_000, 60],
])('leaves the row of a run that is born claimed as a claim does, column by column: %i, %i', async (leaseMs, inMs) => {
  const { ground, database } = postgres;
  const claimant = aClaimant({ leaseMs, aheadMs: 100 });
  const dueAt = ms(ground.now(), inMs);
  const [born, waited] = [aNewRun((await aStoredJob(ground)).id, dueAt), aNewRun((await aStoredJob(ground)).id, dueAt)];
  await ground.transactions.run((tx) =>
    ground.runs.insertClaimed(tx, [born], { claimant, runIds: new Set([born.id]) }),
  );
  await insertRuns(ground, waited);
  expect(await ground.leases.claim([waited.id], claimant)).toHaveLength(1);
  const rowOf = async ({ id }: { id: string }) => {
    const [{ row }] = await database.query(
      `SELECT to_jsonb(r) - ARRAY['id', 'job_id', 'created_at'] AS row FROM runs r WHERE id = $1`,
      [id],
    );
    return row;
  };
  expect(await rowOf(born)).toEqual(await rowOf(waited));
});
