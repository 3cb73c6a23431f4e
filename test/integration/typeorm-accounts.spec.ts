import { afterAll, beforeAll } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { TypeormApiKeyRepository } from '../../src/auth/repositories/typeorm-api-key.repository.js';
import { TypeormInviteRepository } from '../../src/auth/repositories/typeorm-invite.repository.js';
import { TypeormSessionRepository } from '../../src/auth/repositories/typeorm-session.repository.js';
import { newDataSource } from '../../src/data-source.js';
import { TypeormTransactionRunner } from '../../src/database/typeorm-transaction-runner.js';
import { UserEntity } from '../../src/users/entities/user.entity.js';
import { TypeormUserRepository } from '../../src/users/repositories/typeorm-user.repository.js';
import {
  apiKeyRepositoryContract,
  inviteRepositoryContract,
  sessionRepositoryContract,
} from '../contracts/account-repositories.contract.js';
import type { AccountGround } from '../contracts/account-repositories.contract.js';
import { aUser } from '../contracts/user-repository.contract.js';
import { startServices } from '../support/services.js';
import type { Services } from '../support/services.js';

let services: Services;
let database: DataSource;

beforeAll(async () => {
  services = await startServices();
  database = await newDataSource(services.config()).initialize();
});

afterAll(async () => {
  await database.destroy();
  await services.drop();
});

const ground = async (): Promise<AccountGround> => ({
  sessions: new TypeormSessionRepository(database),
  apiKeys: new TypeormApiKeyRepository(database),
  invites: new TypeormInviteRepository(database),
  transactions: new TypeormTransactionRunner(database),
  aUserId: async () => {
    const user = aUser();
    await new TypeormUserRepository(database.getRepository(UserEntity)).insert(user);
    return user.id;
  },
});

sessionRepositoryContract('TypeormSessionRepository', ground);
apiKeyRepositoryContract('TypeormApiKeyRepository', ground);
inviteRepositoryContract('TypeormInviteRepository', ground);
