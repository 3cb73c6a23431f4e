import { newDataSource } from '../../src/data-source.js';
import { ReservedPool } from '../../src/database/reserved-pool.js';
import { entities } from '../../src/entities.js';
import { TypeormTransactionRunner } from '../../src/database/typeorm-transaction-runner.js';
import { TypeormJobPlans } from '../../src/jobs/repositories/typeorm-job-plans.js';
import { TypeormJobRepository } from '../../src/jobs/repositories/typeorm-job.repository.js';
import { TypeormJobLogger } from '../../src/runs/repositories/typeorm-job-logger.js';
import { TypeormRunGates } from '../../src/runs/execution/repositories/typeorm-run-gates.js';
import { TypeormRunHistory } from '../../src/runs/history/repositories/typeorm-run-history.js';
import { TypeormRunLeases } from '../../src/runs/execution/repositories/typeorm-run-leases.js';
import { TypeormOwedDoorbells } from '../../src/runs/dispatch/repositories/typeorm-owed-doorbells.js';
import { TypeormRunRepository } from '../../src/runs/repositories/typeorm-run.repository.js';
import { UserEntity } from '../../src/users/entities/user.entity.js';
import { TypeormUserRepository } from '../../src/users/repositories/typeorm-user.repository.js';
import type { Ground } from '../contracts/ground.js';
import { aUser } from '../contracts/user-repository.contract.js';
import { stopDatabaseClock } from './database-clock.js';
import { startServices } from './services.js';

/** The real adapters on a database of their own whose clock stands still. */
export async function startPostgresGround() {
  const services = await startServices();
  const config = services.config();
  const clock = await stopDatabaseClock(config, new Date('2026-01-01T00:00:00Z'));
  const database = await newDataSource(config).initialize();
  const reserved = new ReservedPool(config);
  // The audit log refuses to be emptied.
  const kept = (table: string): boolean => table === 'audit_events';
  const tables = entities.map((entity) => database.getMetadata(entity).tableName).filter((table) => !kept(table));
  const users = new TypeormUserRepository(database.getRepository(UserEntity));
  const logger = new TypeormJobLogger(database);
  const ground: Ground = {
    transactions: new TypeormTransactionRunner(database),
    jobs: new TypeormJobRepository(database),
    plans: new TypeormJobPlans(database),
    runs: new TypeormRunRepository(database, config),
    leases: new TypeormRunLeases(database, config, reserved),
    rings: new TypeormOwedDoorbells(database, config),
    gates: new TypeormRunGates(database),
    history: new TypeormRunHistory(database),
    logger,
    logs: logger,
    now: () => clock.now(),
    advance: (ms) => clock.advance(ms),
    anOwner: async () => {
      const user = aUser();
      await users.insert(user);
      return user.id;
    },
    horizonMs: config.engine.horizonMs,
    ringAgainAfterMs: config.engine.ringAgainAfterMs,
  };
  return {
    ground,
    database,
    empty: async (): Promise<Ground> => {
      await database.query(`TRUNCATE ${tables.join(', ')}`);
      return ground;
    },
    stop: async (): Promise<void> => {
      await database.destroy();
      await reserved.onApplicationShutdown();
      await clock.close();
      await services.drop();
    },
  };
}
