import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import type { PostgresOptions } from '../../src/database/data-source-options.js';
import { readConfig } from '../../src/config/config.js';
import { TypeormRunLeases } from '../../src/runs/execution/repositories/typeorm-run-leases.js';
import { aStoredJob, insertRuns } from '../contracts/ground.js';
import type { Ground } from '../contracts/ground.js';
import { eventually } from '../support/eventually.js';
import { aClaimant, aNewRun } from '../support/factories.js';
import { aLoneWorker } from '../support/lone-worker.js';
import { startPostgresGround } from '../support/postgres-ground.js';

const gate = 4_711;
let postgres: Awaited<ReturnType<typeof startPostgresGround>>;
let ground: Ground;
let slow: DataSource;
let leases: TypeormRunLeases;

/**
 * Connections whose statements wait, wherever they ask for the time, for as long as somebody has the gate: a claim has begun
 * then, so that it sees the runs as they are, and has locked none of them yet.
 */
beforeAll(async () => {
  postgres = await startPostgresGround();
  await postgres.database.query(`
    CREATE SCHEMA gated;
    CREATE FUNCTION gated.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql VOLATILE AS $$
    BEGIN
      PERFORM pg_advisory_xact_lock_shared(${gate});
      RETURN test_clock.clock_timestamp();
    END $$;`);
  const options = postgres.database.options as PostgresOptions;
  const searchPath = '-c search_path=gated,test_clock,pg_catalog,public';
  slow = await new DataSource({ ...options, extra: { ...options.extra, options: searchPath } }).initialize();
  leases = new TypeormRunLeases(slow, readConfig({ JWT_SECRET: 'k'.repeat(32) }), { query: () => Promise.resolve([]) });
});
afterAll(async () => {
  await slow.destroy();
  await postgres.stop();
});

async function aRunDue(): Promise<string> {
  ground = await postgres.empty();
  const { id: jobId } = await aStoredJob(ground);
  const run = aNewRun(jobId, ground.now());
  await insertRuns(ground, run);
  return run.id;
}

/** Moves a run's next doorbell, as ringing does, and commits: after the claim that `send` sends has begun, before it locks anything. */
async function changeDuring<T>(runId: string, send: () => Promise<T>): Promise<T> {
  const holder = postgres.database.createQueryRunner();
  try {
    await holder.query('SELECT pg_advisory_lock($1)', [gate]);
    const claim = send();
    await eventually(
      () =>
        postgres.database.query<unknown[]>(
          `SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND NOT granted
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
          [gate],
        ),
      ({ length }) => length > 0,
    );
    await postgres.database.query(`UPDATE runs SET ring_at = ring_at + interval '1 minute' WHERE id = $1`, [runId]);
    await holder.query('SELECT pg_advisory_unlock($1)', [gate]);
    return await claim;
  } finally {
    await holder.release();
  }
}

it('a claim takes no version of a run that is newer than itself; the next claim does', async () => {
  const runId = await aRunDue();
  expect(await changeDuring(runId, () => leases.claim([runId], aClaimant()))).toEqual([]);
  expect(await ground.runs.find(runId)).toMatchObject({ state: 'scheduled', attempts: 0 });
  expect(await leases.waiting([runId])).toMatchObject([{ runId, gated: false }]);
  expect(await leases.claim([runId], aClaimant())).toMatchObject([{ runId, attempt: 1, leaseToken: '1' }]);
  expect(await leases.claim([runId], aClaimant())).toEqual([]);
});

it('a worker offers such a run to itself again, and begins it once', async () => {
  const runId = await aRunDue();
  const { worker, begun, stale, first } = aLoneWorker(leases);
  await changeDuring(runId, () => worker.offer([{ runId, userId: null }]));
  await first;
  await worker.offer([{ runId, userId: null }]);
  expect(begun).toEqual([runId]);
  // The first offer found it waiting still, the third found it running.
  expect(stale).toEqual([0, 1]);
  expect(await ground.runs.find(runId)).toMatchObject({ state: 'running', attempts: 1 });
});
