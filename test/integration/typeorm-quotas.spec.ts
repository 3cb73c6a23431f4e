import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PlacesVoid } from '../../src/jobs/interfaces/live-job-places.js';
import { TypeormLiveJobPlaces } from '../../src/jobs/repositories/typeorm-live-job-places.js';
import { TypeormMailCounts } from '../../src/quotas/repositories/typeorm-mail-counts.js';
import { TypeormQuotaRepository } from '../../src/quotas/repositories/typeorm-quota.repository.js';
import { liveJobPlacesContract, mailCountsContract, quotaRepositoryContract } from '../contracts/quotas.contract.js';
import type { QuotaGround } from '../contracts/quotas.contract.js';
import { eventually } from '../support/eventually.js';
import { aJob } from '../support/factories.js';
import { startPostgresGround } from '../support/postgres-ground.js';

let postgres: Awaited<ReturnType<typeof startPostgresGround>>;

beforeAll(async () => {
  postgres = await startPostgresGround();
});
afterAll(() => postgres.stop());

const open = async (): Promise<QuotaGround> => {
  const { ground, database } = postgres;
  return {
    quotas: new TypeormQuotaRepository(database),
    mails: new TypeormMailCounts(database),
    transactions: ground.transactions,
    aUserId: () => ground.anOwner(),
  };
};

quotaRepositoryContract('TypeormQuotaRepository', open);
mailCountsContract('TypeormMailCounts', open);
liveJobPlacesContract('TypeormLiveJobPlaces', async () => ({
  ground: postgres.ground,
  places: new TypeormLiveJobPlaces(postgres.database),
}));

describe('places, where a submission and a count meet', () => {
  const waiting = () =>
    eventually(
      () =>
        postgres.database.query(
          `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
        ),
      (found: unknown[]) => found.length === 1,
    );

  async function promised() {
    const { ground, database } = postgres;
    const places = new TypeormLiveJobPlaces(database);
    const userId = await ground.anOwner();
    await places.recount(userId, 100);
    const promise = { userId, generation: (await places.promise(userId, 50, 100)) ?? '' };
    return { ground, places, userId, promise };
  }

  it('one that waited for the count, in the very statement that writes it, has lost its places', async () => {
    const { ground, places, userId, promise } = await promised();
    let submission: Promise<unknown> = Promise.resolve();
    await ground.transactions.run(async (tx) => {
      expect(await places.recountAlone(tx, userId, 0, 100)).toBe(0);
      submission = ground.transactions.atOnce((own) =>
        Promise.all([ground.jobs.insert(own, [aJob(userId, ground.now())]), places.hold(own, [promise])]),
      );
      submission.catch(() => undefined);
      await waiting();
    });
    await expect(submission).rejects.toThrow(PlacesVoid);
    expect(await places.count(userId, 100)).toBe(0);
  });

  it('a count waits for one that holds its places', async () => {
    const { ground, places, userId, promise } = await promised();
    let count: Promise<number> = Promise.resolve(0);
    await ground.transactions.run(async (tx) => {
      await places.hold(tx, [promise]);
      count = places.recount(userId, 100);
      await waiting();
      await ground.jobs.insert(tx, [aJob(userId, ground.now())]);
    });
    expect(await count).toBe(1);
  });
});
