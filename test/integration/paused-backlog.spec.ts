import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { newDataSource } from '../../src/data-source.js';
import { TypeormBacklog } from '../../src/metrics/repositories/typeorm-backlog.js';
import { TypeormRunLeases } from '../../src/runs/execution/repositories/typeorm-run-leases.js';
import { TypeormOwedDoorbells } from '../../src/runs/dispatch/repositories/typeorm-owed-doorbells.js';
import { TypeormStatistics } from '../../src/statistics/repositories/typeorm-statistics.js';
import { judge } from '../support/plans/verdict.js';
import { tellPlans, watchPlans } from '../support/plans/watched-plans.js';
import { connectTo, startServices } from '../support/services.js';
import type { Services } from '../support/services.js';

const paused = 100_000;
const due = 20;

let services: Services;
let database: DataSource;
let watch: ReturnType<typeof watchPlans>;

beforeAll(async () => {
  services = await startServices();
  const config = services.config();
  const client = await connectTo(config);
  await tellPlans(client, config.database.database);
  await client.end();
  watch = watchPlans();
  database = await newDataSource(services.config()).initialize();
  await fill();
});
afterAll(async () => {
  watch?.stop();
  await database?.destroy();
  await services?.drop();
});

/** One-time jobs that are paused, each with a run that has been due for an hour, and a few whose runs may start. */
async function fill(): Promise<void> {
  await database.query(
    `INSERT INTO users (id, email, name, password_hash) VALUES (gen_random_uuid(), 'u@example.com', 'U', '-')`,
  );
  await database.query(
    `INSERT INTO jobs (id, user_id, name, type, handler, payload, status, scheduled_at, overlap_policy, catchup, max_retries)
     SELECT uuidv7(), users.id, 'job', 'one_time', 'log', '{}', CASE WHEN n <= $1 THEN 'paused' ELSE 'pending' END,
            now() - interval '1 hour', 'skip', '{"mode": "latest", "windowMs": null, "max": 100}', 0
     FROM users, generate_series(1, $1::integer + $2::integer) AS n`,
    [paused, due],
  );
  await database.query(
    `INSERT INTO runs (id, job_id, nominal_at, due_at, trigger, state, ring_at, job_version, rings)
     SELECT uuidv7(), id, scheduled_at, scheduled_at, 'schedule', 'scheduled', now() - interval '1 minute', 1, 1 FROM jobs`,
  );
  await database.query('ANALYZE');
}

describe('beside 100,000 overdue runs of paused jobs', () => {
  it('nobody who looks for work comes across them, once each has been owed a doorbell', async () => {
    const rings = new TypeormOwedDoorbells(database, services.config());
    const batch = 10_000;
    let taken = 0;
    for (let last = batch; last === batch; taken += last) last = (await rings.takeOwed(batch)).length;
    expect(taken).toBe(paused + due);

    const leases = new TypeormRunLeases(database, services.config(), { query: () => Promise.resolve([]) });
    const first = watch.executed.length;
    expect(await leases.findDue(200)).toHaveLength(due);
    expect(await leases.findExpired(200)).toEqual([]);
    expect(await rings.takeOwed(200)).toEqual([]);
    expect(await rings.oweAll()).toBe(due);
    expect(await rings.takeOwed(200)).toHaveLength(due);
    expect(await new TypeormBacklog(database).read(0)).toMatchObject({ overdue: due });
    const { overdueMs } = await new TypeormStatistics(database).read();
    expect(overdueMs).toBeGreaterThanOrEqual(3_600_000);

    const executed = watch.executed.slice(first);
    expect(executed.length).toBeGreaterThanOrEqual(7);
    const countsOfAll = /GROUP BY/; // of the statistics: how many jobs and runs there are
    expect(
      judge(executed, { bigTables: ['jobs', 'runs'], rows: 20 * due, sorted: due, except: [countsOfAll] }),
    ).toEqual([]);
  });
});
