import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { newDataSource } from '../../src/data-source.js';
import { TypeormTransactionRunner } from '../../src/database/typeorm-transaction-runner.js';
import { TypeormJobPlans } from '../../src/jobs/repositories/typeorm-job-plans.js';
import { TypeormJobRepository } from '../../src/jobs/repositories/typeorm-job.repository.js';
import { TypeormJobLogger } from '../../src/runs/repositories/typeorm-job-logger.js';
import { TypeormRunGates } from '../../src/runs/execution/repositories/typeorm-run-gates.js';
import { TypeormRunHistory } from '../../src/runs/history/repositories/typeorm-run-history.js';
import { TypeormRunLeases } from '../../src/runs/execution/repositories/typeorm-run-leases.js';
import { TypeormOwedDoorbells } from '../../src/runs/dispatch/repositories/typeorm-owed-doorbells.js';
import { TypeormRunRepository } from '../../src/runs/repositories/typeorm-run.repository.js';
import { startServices } from '../support/services.js';
import type { Services } from '../support/services.js';

/** Large enough that the planner would rather not read all of it. */
const jobs = 20_000;
const historyPerJob = 3;
const bigTables = ['jobs', 'runs', 'executions', 'log_lines'];
const firstPage = { page: 1, limit: 20 };

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Index Cond'?: string;
  'Plan Rows'?: number;
  Plans?: Plan[];
}

let services: Services;
let database: DataSource;
let statements: { query: string; parameters: unknown[] }[] = [];
let owner: string;
let aJob: string;
let someRuns: string[];

beforeAll(async () => {
  services = await startServices();
  database = newDataSource(services.config());
  database.setOptions({
    logging: ['query'],
    logger: {
      logQuery: (query: string, parameters?: unknown[]) =>
        void statements.push({ query, parameters: parameters ?? [] }),
      logQueryError: () => undefined,
      logQuerySlow: () => undefined,
      logSchemaBuild: () => undefined,
      logMigration: () => undefined,
      log: () => undefined,
    },
  });
  await database.initialize();
  await fill();
});
afterAll(async () => {
  await database.destroy();
  await services.drop();
});

/** Jobs of many owners, recurring and far; each with a past, one in a hundred with a run that is near, due or running. */
async function fill(): Promise<void> {
  await database.query(
    `INSERT INTO users (id, email, name, password_hash)
     SELECT gen_random_uuid(), 'u' || n || '@example.com', 'U', '-' FROM generate_series(1, 200) AS n`,
  );
  await database.query(
    `INSERT INTO jobs (id, user_id, name, type, handler, payload, status, schedule, overlap_policy, catchup, max_retries,
                       next_run_at)
     SELECT gen_random_uuid(), owners.id, 'job ' || n, 'recurring', 'log', '{}', 'pending',
            '{"cron": ["0 0 * * *"], "timezone": "UTC"}', 'skip', '{"mode": "latest", "windowMs": null, "max": 100}', 3,
            now() + n * interval '1 minute'
     FROM generate_series(1, $1) AS n
     JOIN (SELECT id, row_number() OVER () AS place FROM users) AS owners ON owners.place = n % 200 + 1`,
    [jobs],
  );
  await database.query(
    `INSERT INTO jobs (id, user_id, name, type, handler, payload, status, overlap_policy, catchup, max_retries)
     SELECT gen_random_uuid(), user_id, name, 'one_time', handler, payload, 'paused', overlap_policy, catchup, max_retries
     FROM jobs`,
  );
  await database.query(
    `INSERT INTO runs (id, job_id, nominal_at, due_at, trigger, state, ring_at, job_version, attempts, lease_token,
                       started_at, execution_started_at, attempt_status, ended_at, gated)
     SELECT gen_random_uuid(), j.id, t.at, t.at, 'schedule', 'succeeded', t.at, 1, 1, 2, t.at, t.at, 'succeeded', t.at, true
     FROM jobs j CROSS JOIN LATERAL (SELECT now() - n * interval '1 day' AS at FROM generate_series(1, $1) AS n) AS t`,
    [historyPerJob],
  );
  await database.query(
    `INSERT INTO runs (id, job_id, nominal_at, due_at, trigger, state, ring_at, job_version, lease_until, gated)
     SELECT gen_random_uuid(), j.id, t.at, t.at, 'schedule', t.state, t.at + interval '5 s', 1,
            CASE t.state WHEN 'running' THEN now() + interval '10 s' END, t.gated
     FROM (SELECT id, row_number() OVER () AS n FROM jobs) AS j CROSS JOIN LATERAL (
       SELECT CASE WHEN n % 100 = 0 THEN now() ELSE now() + n * interval '1 hour' END AS at,
              CASE WHEN n % 500 = 0 THEN 'running' ELSE 'scheduled' END AS state,
              n % 2 = 0 AS gated) AS t`,
  );
  await database.query(
    `INSERT INTO earlier_executions (id, run_id, job_id, attempt_number, status, due_at, started_at, completed_at, lease_token)
     SELECT gen_random_uuid(), id, job_id, 1, 'released', due_at, due_at, due_at, 1
     FROM runs WHERE state = 'succeeded'`,
  );
  await database.query(
    `INSERT INTO log_lines (id, run_id, job_id, level, status, message)
     SELECT gen_random_uuid(), id, job_id, 'info', 'running', 'hello' FROM runs WHERE state = 'succeeded'`,
  );
  await database.query('ANALYZE');
  [{ user_id: owner, id: aJob }] = await database.query<[{ user_id: string; id: string }]>(
    'SELECT id, user_id FROM jobs LIMIT 1',
  );
  const near = await database.query<{ id: string }[]>(
    `SELECT id FROM runs WHERE state = 'scheduled' AND due_at <= now() LIMIT 50`,
  );
  someRuns = near.map(({ id }) => id);
}

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/** The plan nodes of every statement that `work` sends; what it changes is undone. */
async function plansOf(work: () => Promise<unknown>): Promise<Plan[]> {
  statements = [];
  await work();
  const sent = statements.filter(({ query }) => /^\s*(WITH|SELECT|UPDATE|INSERT|DELETE)/i.test(query));
  expect(sent.length).toBeGreaterThan(0);
  const plans: Plan[] = [];
  for (const { query, parameters } of sent) {
    const [row] = await database.query<[{ 'QUERY PLAN': { Plan: Plan }[] }]>(
      `EXPLAIN (FORMAT JSON) ${query}`,
      parameters,
    );
    plans.push(...row['QUERY PLAN'].flatMap(({ Plan }) => nodesOf(Plan)));
  }
  return plans;
}

const wholeTables = (nodes: Plan[]): string[] =>
  nodes
    .filter((node) => node['Node Type'] === 'Seq Scan' && bigTables.includes(node['Relation Name'] ?? ''))
    .map((node) => `Seq Scan on ${node['Relation Name']}`);

const usedIndexes = (nodes: Plan[]): string[] => nodes.flatMap((node) => node['Index Name'] ?? []);

/** An index whose condition does not bound it by time is read from end to end. */
const timeIndexes: Record<string, string> = {
  jobs_to_plan: 'next_run_at <',
  jobs_to_resume: 'paused_until <',
  runs_to_ring: 'ring_at <',
};
const unbounded = (nodes: Plan[]): string[] =>
  nodes.flatMap((node) => {
    const bound = timeIndexes[node['Index Name'] ?? ''];
    return bound && !node['Index Cond']?.includes(bound) ? [`${node['Index Name']}: ${node['Index Cond']}`] : [];
  });

const config = () => services.config();
const claimant = { workerId: 'w', leaseMs: 10_000, aheadMs: 100 };
const inTransaction = (work: Parameters<TypeormTransactionRunner['run']>[0]) =>
  new TypeormTransactionRunner(database).run(work);

describe('no statement of the engine reads a whole table:', () => {
  /** Its statements are looked at, too, so they go the way of the others. */
  const reserved = {
    query: async <T>(sql: string, values: unknown[]) => (await database.query<[T[]]>(sql, values))[0],
  };
  const leases = () => new TypeormRunLeases(database, config(), reserved);
  const history = () => new TypeormRunHistory(database);
  const ages = { runsMs: 1, failedRunsMs: 1, jobsMs: 1 };
  it.each<[string, () => Promise<unknown>, RegExp, boolean?]>([
    [
      'ticker: jobs to plan',
      () => inTransaction((tx) => new TypeormJobPlans(database).lockDue(tx, { withinMs: 60_000, urgentMs: 0 }, 500)),
      /^jobs_to_plan$/,
    ],
    [
      'ticker: jobs to resume',
      () => inTransaction((tx) => new TypeormJobPlans(database).lockResumable(tx, 500)),
      /^jobs_to_resume$/,
    ],
    ['ticker: jobs to end', () => new TypeormJobPlans(database).completeExhausted(), /^jobs_to_end$/],
    ['rings that are owed', () => new TypeormOwedDoorbells(database, config()).takeOwed(500), /^runs_to_ring$/],
    ['claim', () => leases().claim(someRuns, claimant), /^runs_pkey$/],
    ['what was not claimed', () => leases().waiting(someRuns), /^runs_pkey$/],
    ['due runs, without Redis', () => leases().findDue(100, 0, [owner]), /^runs_to_ring$/],
    ['owners of runs', () => leases().ownersOf(someRuns), /^runs_pkey$/],
    ['expired leases', () => leases().findExpired(100), /^runs_to_ring$/],
    [
      'renewal',
      () =>
        leases().renew(
          someRuns.map((runId) => ({ runId, leaseToken: '1' })),
          10_000,
        ),
      /^runs_pkey$/,
      false,
    ],
    ['gates', () => inTransaction((tx) => new TypeormRunGates(database).lock(tx, [aJob])), /^runs_live$/],
    ['pruning of runs', () => inTransaction((tx) => history().pruneRuns(tx, ages, null, 1_000)), /^runs_pkey$/],
    ['pruning of jobs', () => inTransaction((tx) => history().pruneJobs(tx, ages, null, 1_000)), /^jobs_pkey$/],
    ['next in line', () => new TypeormRunGates(database).nextInLine([aJob]), /^runs_live$/],
  ])('%s', async (_name, work, index, bounded = true) => {
    const nodes = await plansOf(work);
    expect(wholeTables(nodes)).toEqual([]);
    if (bounded) expect(unbounded(nodes)).toEqual([]);
    expect(usedIndexes(nodes)).toEqual(expect.arrayContaining([expect.stringMatching(index)]));
  });
});

describe('no list reads a whole table:', () => {
  it.each<[string, () => Promise<unknown>, RegExp]>([
    ['jobs, page 1', () => new TypeormJobRepository(database).list(owner, {}, firstPage), /^jobs_by_owner$/],
    [
      'running jobs',
      () => new TypeormJobRepository(database).list(owner, { status: 'running' }, firstPage),
      /^jobs_by_owner$/,
    ],
    ['a job', () => new TypeormJobRepository(database).find(aJob, owner), /^jobs_(pkey|by_owner)$/],
    ['runs of a job', () => new TypeormRunRepository(database, config()).findByJob(aJob, {}, firstPage), /^runs_once$/],
    [
      'runs of a job that have come',
      () => new TypeormRunRepository(database, config()).findByJob(aJob, { hasCome: true }, firstPage),
      /^runs_once$/,
    ],
    [
      'runs of a job that did not succeed',
      () =>
        new TypeormRunRepository(database, config()).findByJob(
          aJob,
          { states: ['failed', 'missed'], from: new Date(0) },
          firstPage,
        ),
      /^runs_not_run$/,
    ],
    [
      'executions of a job',
      () => new TypeormRunRepository(database, config()).executions({ jobId: aJob }, firstPage),
      /^runs_by_execution$/,
    ],
    ['log of a job', () => new TypeormJobLogger(database).read({ jobId: aJob }, firstPage), /^log_lines_by_job$/],
  ])('%s', async (_name, work, index) => {
    const nodes = await plansOf(work);
    expect(wholeTables(nodes)).toEqual([]);
    expect(usedIndexes(nodes)).toEqual(expect.arrayContaining([expect.stringMatching(index)]));
  });
});
