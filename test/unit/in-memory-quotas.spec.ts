import { newId } from '../../src/kernel/ids.js';
import { liveJobPlacesContract, mailCountsContract, quotaRepositoryContract } from '../contracts/quotas.contract.js';
import type { QuotaGround } from '../contracts/quotas.contract.js';
import { InMemoryLiveJobPlaces } from '../support/in-memory/live-job-places.js';
import { FixedClock } from '../support/fixed-clock.js';
import { InMemoryDatabase } from '../support/in-memory/database.js';
import { inMemoryGround } from '../support/in-memory/ground.js';
import { InMemoryMailCounts, InMemoryQuotaRepository } from '../support/in-memory/quotas.js';

const open = async (): Promise<QuotaGround> => {
  const clock = new FixedClock();
  const users = new Set<string>();
  return {
    quotas: new InMemoryQuotaRepository(),
    mails: new InMemoryMailCounts(clock, (id) => users.has(id)),
    transactions: new InMemoryDatabase(clock, { horizonMs: 1, ringAgainAfterMs: 1 }),
    aUserId: async () => {
      const id = newId();
      users.add(id);
      return id;
    },
  };
};

quotaRepositoryContract('InMemoryQuotaRepository', open);
mailCountsContract('InMemoryMailCounts', open);
liveJobPlacesContract('InMemoryLiveJobPlaces', async () => {
  const ground = inMemoryGround();
  return { ground, places: new InMemoryLiveJobPlaces(ground.database) };
});
