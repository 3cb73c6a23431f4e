import {
  apiKeyRepositoryContract,
  inviteRepositoryContract,
  sessionRepositoryContract,
} from '../contracts/account-repositories.contract.js';
import type { AccountGround } from '../contracts/account-repositories.contract.js';
import { newId } from '../../src/kernel/ids.js';
import {
  InMemoryApiKeyRepository,
  InMemoryInviteRepository,
  InMemorySessionRepository,
  withoutRollback,
} from '../support/in-memory/accounts.js';

const clock = { now: () => new Date('2026-01-02T03:04:05.678Z') };

const ground = async (): Promise<AccountGround> => ({
  sessions: new InMemorySessionRepository(clock),
  apiKeys: new InMemoryApiKeyRepository(clock),
  invites: new InMemoryInviteRepository(clock),
  transactions: withoutRollback,
  aUserId: async () => newId(),
});

sessionRepositoryContract('InMemorySessionRepository', ground);
apiKeyRepositoryContract('InMemoryApiKeyRepository', ground);
inviteRepositoryContract('InMemoryInviteRepository', ground);
