import { userRepositoryContract } from '../contracts/user-repository.contract.js';
import { withoutRollback } from '../support/in-memory/accounts.js';
import { InMemoryUserRepository } from '../support/in-memory-user.repository.js';

userRepositoryContract(
  'InMemoryUserRepository',
  async () => new InMemoryUserRepository(),
  () => withoutRollback,
);
