import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { entityManagerOf } from '../../src/database/typeorm-transaction-runner.js';
import { domainErrorOf } from '../../src/http/problems/driver-errors.js';
import { TypeormJobOwners } from '../../src/jobs/repositories/typeorm-job-owners.js';
import { newId } from '../../src/kernel/ids.js';
import type { Transaction } from '../../src/kernel/transaction.js';
import { TypeormBackfillRepository } from '../../src/runs/backfills/repositories/typeorm-backfill.repository.js';
import { insertJobs } from '../contracts/ground.js';
import type { Ground } from '../contracts/ground.js';
import { eventually } from '../support/eventually.js';
import { aJob, aNewRun, aRecurringJob, everyMinute } from '../support/factories.js';
import { UserEntity } from '../../src/users/entities/user.entity.js';
import { TypeormUserRepository } from '../../src/users/repositories/typeorm-user.repository.js';
import { startPostgresGround } from '../support/postgres-ground.js';

let postgres: Awaited<ReturnType<typeof startPostgresGround>>;
let ground: Ground;

beforeAll(async () => {
  postgres = await startPostgresGround();
});
beforeEach(async () => {
  ground = await postgres.empty();
});
afterAll(() => postgres.stop());

async function count(table: 'jobs' | 'runs'): Promise<number> {
  const [{ n }] = await postgres.database.query<[{ n: number }]>(`SELECT count(*)::integer AS n FROM ${table}`);
  return n;
}

/** What comes of `later`, which has to wait for the transaction of `first`. */
async function meanwhile<T>(
  first: (tx: Transaction) => Promise<unknown>,
  later: () => Promise<T>,
): Promise<PromiseSettledResult<T>> {
  let settled: Promise<[PromiseSettledResult<T>]> | undefined;
  await ground.transactions.run(async (tx) => {
    await first(tx);
    settled = Promise.allSettled([later()]);
    await eventually(
      () =>
        postgres.database.query(
          `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
        ),
      (found: unknown[]) => found.length === 1,
    );
  });
  return (await settled!)[0];
}

describe.each(['run', 'atOnce'] as const)('a job that is inserted by %s', (way) => {
  const submit = (owner: string): Promise<void> =>
    ground.transactions[way](async (tx) => {
      const job = aJob(owner, ground.now());
      const inserted = ground.jobs.insert(tx, [job]);
      if (way === 'run') await inserted;
      await Promise.all([inserted, ground.runs.insert(tx, [aNewRun(job.id, ground.now())])]);
    });

  it('is refused with its run where its owner is being disabled', async () => {
    const owner = await ground.anOwner();
    const users = new TypeormUserRepository(postgres.database.getRepository(UserEntity));
    const disable = async (tx: Transaction): Promise<void> => {
      await users.lock(tx, owner);
      await users.update(tx, owner, { isActive: false });
    };
    expect(await meanwhile(disable, () => submit(owner))).toMatchObject({ status: 'rejected' });
    expect([await count('jobs'), await count('runs')]).toEqual([0, 0]);
  });

  it('has an owner, or is refused with its run', async () => {
    const refusal = await submit(newId()).catch((error: unknown) => error);
    expect(domainErrorOf(refusal)).toMatchObject({ kind: 'conflict', code: 'REFERENCE_GONE' });
    expect([await count('jobs'), await count('runs')]).toEqual([0, 0]);
  });

  it('is refused with its run when its owner is being deleted', async () => {
    const owner = await ground.anOwner();
    const outcome = await meanwhile(
      (tx) => entityManagerOf(tx).query('DELETE FROM users WHERE id = $1', [owner]),
      () => submit(owner),
    );
    expect(domainErrorOf((outcome as PromiseRejectedResult).reason)).toMatchObject({ code: 'REFERENCE_GONE' });
    expect([await count('jobs'), await count('runs')]).toEqual([0, 0]);
  });
});

describe('a job that is being deleted', () => {
  const aJobOf = async (owner: string) => (await insertJobs(ground, aRecurringJob(owner, ground.now())))[0];

  /** As the use cases delete: locked first, so that what others have planned by then is seen. */
  const deletion = (lock: (tx: Transaction) => Promise<string[]>) =>
    ground.transactions.run(async (tx) => {
      for (const id of await lock(tx)) {
        await ground.runs.deleteByJob(tx, id);
        await ground.jobs.delete(tx, id);
      }
    });

  const planned = async (tx: Transaction): Promise<void> => {
    const jobs = await ground.plans.lockDue(tx, { withinMs: 60_000, urgentMs: 0 }, 10);
    await ground.runs.insert(
      tx,
      jobs.map(({ id }) => aNewRun(id, ground.now(), { gated: true })),
    );
  };

  it('goes with the run that is being planned for it', async () => {
    const job = await aJobOf(await ground.anOwner());
    const outcome = await meanwhile(planned, () =>
      deletion(async (tx) => [(await ground.jobs.lock(tx, job.id, job.userId))!.id]),
    );
    expect(outcome.status).toBe('fulfilled');
    expect([await count('jobs'), await count('runs')]).toEqual([0, 0]);
  });

  it('goes with that run when all jobs of its owner are deleted', async () => {
    const owners = new TypeormJobOwners(postgres.database);
    const { userId } = await aJobOf(await ground.anOwner());
    const outcome = await meanwhile(planned, () => deletion((tx) => owners.lock(tx, userId)));
    expect(outcome.status).toBe('fulfilled');
    expect([await count('jobs'), await count('runs')]).toEqual([0, 0]);
  });

  describe('while it is backfilled', () => {
    const backfills = () => new TypeormBackfillRepository(postgres.database);

    async function aBackfilledJob() {
      const job = await aJobOf(await ground.anOwner());
      const now = ground.now();
      await ground.transactions.run((tx) =>
        backfills().insert(tx, {
          ...{ id: newId(), jobId: job.id, rangeFrom: now, rangeTo: now, overlapPolicy: 'allow_all', state: 'running' },
          ...{ schedule: everyMinute, jobVersion: 1, total: 1, nextAt: now, createdAt: now, endedAt: null },
        }),
      );
      return job;
    }

    it('goes with the run that is being made up', async () => {
      const job = await aBackfilledJob();
      const outcome = await meanwhile(
        async (tx) => {
          expect(await backfills().lockRunning(tx, null, 10)).toHaveLength(1);
          await ground.runs.insert(tx, [aNewRun(job.id, ground.now(), { trigger: 'backfill' })]);
        },
        () => deletion(async (tx) => [(await ground.jobs.lock(tx, job.id, job.userId))!.id]),
      );
      expect(outcome.status).toBe('fulfilled');
      expect([await count('jobs'), await count('runs')]).toEqual([0, 0]);
    });

    it('has none made up any more once it is locked', async () => {
      const job = await aBackfilledJob();
      await ground.transactions.run(async (tx) => {
        await ground.jobs.lock(tx, job.id, job.userId);
        expect(await ground.transactions.run((other) => backfills().lockRunning(other, null, 10))).toEqual([]);
      });
    });
  });
});
