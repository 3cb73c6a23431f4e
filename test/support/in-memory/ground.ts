import { newId } from '../../../src/kernel/ids.js';
import type { Ground } from '../../contracts/ground.js';
import { FixedClock } from '../fixed-clock.js';
import { InMemoryDatabase } from './database.js';
import { InMemoryJobLogger } from './job-logger.js';
import { InMemoryJobPlans } from './job-plans.js';
import { InMemoryJobRepository } from './job.repository.js';
import { InMemoryRunGates } from './run-gates.js';
import { InMemoryRunHistory } from './run-history.js';
import { InMemoryRunLeases } from './run-leases.js';
import { InMemoryOwedDoorbells } from './owed-doorbells.js';
import { InMemoryRunRepository } from './run.repository.js';

/** A new in-memory store with all its twins. */
export function inMemoryGround(
  clock = new FixedClock(),
  settings = { horizonMs: 60_000, ringAgainAfterMs: 5_000 },
): Ground & { database: InMemoryDatabase } {
  const database = new InMemoryDatabase(clock, settings);
  const logger = new InMemoryJobLogger(database);
  return {
    database,
    transactions: database,
    jobs: new InMemoryJobRepository(database),
    plans: new InMemoryJobPlans(database),
    runs: new InMemoryRunRepository(database),
    leases: new InMemoryRunLeases(database),
    rings: new InMemoryOwedDoorbells(database),
    gates: new InMemoryRunGates(database),
    history: new InMemoryRunHistory(database),
    logger,
    logs: logger,
    now: () => clock.now(),
    advance: async (ms) => clock.advance(ms),
    anOwner: async () => newId(),
    ...settings,
  };
}
