import type { Evidence, ExecutionRow, JobRow, RunRow } from './ledgers.js';
import type { System } from './system.js';

const ms = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::float8`;

/** What the database says of the jobs whose names begin with `prefix`. */
export async function readDatabase(
  system: System,
  prefix: string,
): Promise<Pick<Evidence, 'jobs' | 'runs' | 'executions'>> {
  const mine = `JOIN jobs j ON j.id = r.job_id WHERE j.name LIKE $1 || '-%'`;
  return {
    jobs: await system.query<JobRow>(
      `SELECT id AS "jobId", name AS key, type, status, CASE type WHEN 'recurring' THEN 1000 END AS "intervalMs",
              ${ms('created_at')} AS "createdAt", ${ms('updated_at')} AS "updatedAt"
       FROM jobs WHERE name LIKE $1 || '-%'`,
      [prefix],
    ),
    runs: await system.query<RunRow>(
      `SELECT r.id AS "runId", r.job_id AS "jobId", j.name AS key, j.handler, ${ms('r.nominal_at')} AS "nominalAt",
              r.state, r.reason, r.attempts, r.count, ${ms('r.nominal_until')} AS "nominalUntil"
       FROM runs r ${mine}`,
      [prefix],
    ),
    executions: await system.query<ExecutionRow>(
      `SELECT e.run_id AS "runId", e.attempt_number AS attempt, e.status, ${ms('e.due_at')} AS "dueAt",
              ${ms('e.started_at')} AS "startedAt", ${ms('e.completed_at')} AS "completedAt",
              e.worker_id AS "workerId", e.lease_token::integer AS "leaseToken"
       FROM executions e JOIN runs r ON r.id = e.run_id ${mine}`,
      [prefix],
    ),
  };
}

/** How many runs have not ended. */
export async function liveRuns(system: System): Promise<number> {
  const [row] = await system.query<{ count: number }>(
    `SELECT count(*)::integer AS count FROM runs WHERE state IN ('scheduled', 'running', 'retrying')`,
  );
  return row?.count ?? 0;
}
