import { afterAll, beforeAll } from '@jest/globals';
import { TypeormLiveJobPlaces } from '../../src/jobs/repositories/typeorm-live-job-places.js';
import { TypeormMailCounts } from '../../src/quotas/repositories/typeorm-mail-counts.js';
import { TypeormQuotaRepository } from '../../src/quotas/repositories/typeorm-quota.repository.js';
import { liveJobPlacesContract, mailCountsContract, quotaRepositoryContract } from '../contracts/quotas.contract.js';
import type { QuotaGround } from '../contracts/quotas.contract.js';
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
