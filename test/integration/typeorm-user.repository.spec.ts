import { afterAll, beforeAll } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { newDataSource } from '../../src/data-source.js';
import { TypeormTransactionRunner } from '../../src/database/typeorm-transaction-runner.js';
import { UserEntity } from '../../src/users/entities/user.entity.js';
import { TypeormUserRepository } from '../../src/users/repositories/typeorm-user.repository.js';
import { userRepositoryContract } from '../contracts/user-repository.contract.js';
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

userRepositoryContract(
  'TypeormUserRepository',
  async () => new TypeormUserRepository(database.getRepository(UserEntity)),
  () => new TypeormTransactionRunner(database),
);
