import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { renewStatement } from '../../src/runs/execution/repositories/renew-sql.js';
import { settleStatement, settleSuccessesStatement } from '../../src/runs/execution/repositories/settle-sql.js';
import { connectTo, startServices } from '../support/services.js';
import type { Services } from '../support/services.js';

const many = 1_500;

interface Plan {
  'Node Type': string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Join Filter'?: number;
  'Rows Removed by Filter'?: number;
  Plans?: Plan[];
}

let services: Services;
let client: pg.Client;
let held: { id: string }[];

beforeAll(async () => {
  services = await startServices();
  client = await connectTo(services.config(), { options: '-c random_page_cost=1.1' });
  await client.query(
    `INSERT INTO users (id, email, name, password_hash) VALUES (gen_random_uuid(), 'a@example.com', 'A', '-')`,
  );
  await client.query(
    `INSERT INTO jobs (id, user_id, name, type, handler, payload, status, overlap_policy, catchup, max_retries)
     SELECT gen_random_uuid(), users.id, 'job', 'one_time', 'log', '{}', 'pending', 'skip', '{}', 3
     FROM users, generate_series(1, $1)`,
    [many],
  );
  ({ rows: held } = await client.query<{ id: string }>(
    `INSERT INTO runs (id, job_id, nominal_at, due_at, trigger, state, ring_at, job_version, attempts, lease_token, lease_until)
     SELECT gen_random_uuid(), id, now(), now(), 'schedule', 'running', now(), 1, 1, 1, now() + interval '1 minute' FROM jobs
     RETURNING id`,
  ));
});

afterAll(async () => {
  await client.end();
  await services.drop();
});

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

const touched = (node: Plan): number =>
  (node['Actual Rows'] + (node['Rows Removed by Join Filter'] ?? 0) + (node['Rows Removed by Filter'] ?? 0)) *
  node['Actual Loops'];

const all = (value: string | number): unknown[] => held.map(() => value);
const ids = (): string[] => held.map(({ id }) => id);
const none: unknown[] = [];

/** As EXECUTE takes it: what is bound to an EXPLAIN would be known to the planner. */
const literal = (value: unknown): string =>
  Array.isArray(value) ? pg.escapeLiteral(`{${value.join(',')}}`) : String(value);

/** Nothing is known of how many there are, as in a prepared statement's plan, and the tables have never been analyzed. */
it.each<[string, string, () => unknown[]]>([
  ['renewed', renewStatement, () => [ids(), all('1'), 60_000]],
  [
    'settled',
    settleStatement.text,
    () => [
      ...[ids(), all('1'), all('succeeded'), all('completed'), none, none, none, none, none],
      ...[all('succeeded'), none, all(5), all(1), none, none, 1_000],
    ],
  ],
  ['settled, all with success', settleSuccessesStatement.text, () => [ids(), all('1'), all(5), all(1), none]],
])('leases are %s one by one, however many there are: no step compares each with each', async (_, text, values) => {
  await client.query('BEGIN');
  await client.query('SET LOCAL plan_cache_mode = force_generic_plan');
  await client.query(`PREPARE statement AS ${text}`);
  const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
    `EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE statement (${values().map(literal).join(', ')})`,
  );
  await client.query('ROLLBACK');
  await client.query('DEALLOCATE statement');
  const nodes = nodesOf(rows[0]!['QUERY PLAN'][0].Plan);
  expect(nodes.some((node) => node['Node Type'] === 'ModifyTable' && touched(node) === many)).toBe(true);
  for (const node of nodes) expect(touched(node)).toBeLessThanOrEqual(2 * many);
});
