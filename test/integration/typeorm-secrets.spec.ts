import { afterAll, beforeAll } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { newDataSource } from '../../src/data-source.js';
import { TypeormTransactionRunner } from '../../src/database/typeorm-transaction-runner.js';
import { TypeormSecretKeyMarks } from '../../src/secrets/repositories/typeorm-secret-key-marks.js';
import { TypeormSecretRotation } from '../../src/secrets/repositories/typeorm-secret-rotation.js';
import { TypeormSecretRepository } from '../../src/secrets/repositories/typeorm-secret.repository.js';
import { UserEntity } from '../../src/users/entities/user.entity.js';
import { TypeormUserRepository } from '../../src/users/repositories/typeorm-user.repository.js';
import { secretRepositoryContract } from '../contracts/secret-repository.contract.js';
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

secretRepositoryContract('TypeORM', async () => ({
  secrets: new TypeormSecretRepository(database),
  rotation: new TypeormSecretRotation(database),
  marks: new TypeormSecretKeyMarks(database),
  transactions: new TypeormTransactionRunner(database),
  empty: async () => {
    await database.query('DELETE FROM secrets');
    await database.query('DELETE FROM secret_keys');
  },
  aUserId: async () => {
    const user = aUser();
    await new TypeormUserRepository(database.getRepository(UserEntity)).insert(user);
    return user.id;
  },
}));
