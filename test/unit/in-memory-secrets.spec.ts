import { newId } from '../../src/kernel/ids.js';
import { secretRepositoryContract } from '../contracts/secret-repository.contract.js';
import { withoutRollback } from '../support/in-memory/accounts.js';
import { InMemorySecrets } from '../support/in-memory/secrets.js';

secretRepositoryContract('InMemorySecrets', async () => {
  const secrets = new InMemorySecrets({ now: () => new Date('2026-01-02T03:04:05.678Z') });
  return {
    ...{ secrets, rotation: secrets, marks: secrets, transactions: withoutRollback },
    empty: async () => undefined,
    aUserId: async () => newId(),
  };
});
