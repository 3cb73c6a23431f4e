import { runTask } from '../../scripts/local/processes.mjs';
import type { Evidence, ExecutionRow, JobRow, RunRow, Submission } from './ledgers.js';
import { backoff } from './system.js';
import type { System } from './system.js';

/** What the system under test itself has on record. */
export interface Books {
  /** Of the jobs whose names begin with `prefix`. @param submissions what the client knows of them */
  read(prefix: string, submissions: Submission[]): Promise<Pick<Evidence, 'jobs' | 'runs' | 'executions' | 'policy'>>;
  /** How many of their runs have not ended. */
  live(prefix: string): Promise<number>;
  /** Ids of workers that hold runs, those with the most first; each holds its process id between colons. */
  holders(): Promise<string[]>;
  /** What it finds wrong itself with the runs since then. */
  audit(from: Date): Promise<string[]>;
}

const ms = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::float8`;

/** PostgreSQL, and `npm run verify`. */
export class ProductBooks implements Books {
  constructor(private readonly system: System) {}

  async read(prefix: string): Promise<Pick<Evidence, 'jobs' | 'runs' | 'executions' | 'policy'>> {
    const mine = `JOIN jobs j ON j.id = r.job_id WHERE j.name LIKE $1 || '-%'`;
    return {
      policy: backoff,
      jobs: await this.system.query<JobRow>(
        `SELECT id AS "jobId", name AS key, type, status, CASE type WHEN 'recurring' THEN 1000 END AS "intervalMs",
                (schedule ->> 'maxRuns')::integer AS "maxRuns",
                ${ms('created_at')} AS "createdAt", ${ms('updated_at')} AS "updatedAt"
         FROM jobs WHERE name LIKE $1 || '-%'`,
        [prefix],
      ),
      runs: await this.system.query<RunRow>(
        `SELECT r.id AS "runId", r.job_id AS "jobId", j.name AS key, j.handler, ${ms('r.nominal_at')} AS "nominalAt",
                r.state, r.reason, r.attempts, j.retry_delay_ms AS "retryDelayMs", r.count,
                ${ms('r.nominal_until')} AS "nominalUntil"
         FROM runs r ${mine}`,
        [prefix],
      ),
      executions: await this.system.query<ExecutionRow>(
        `SELECT e.run_id AS "runId", e.attempt_number AS attempt, e.status, ${ms('e.due_at')} AS "dueAt",
                ${ms('e.started_at')} AS "startedAt", ${ms('e.completed_at')} AS "completedAt",
                e.worker_id AS "workerId", e.lease_token::integer AS "leaseToken"
         FROM executions e JOIN runs r ON r.id = e.run_id ${mine}`,
        [prefix],
      ),
    };
  }

  async live(prefix: string): Promise<number> {
    const [row] = await this.system.query<{ count: number }>(
      `SELECT count(*)::integer AS count FROM runs r JOIN jobs j ON j.id = r.job_id
       WHERE r.state IN ('scheduled', 'running', 'retrying') AND j.name LIKE $1 || '-%'`,
      [prefix],
    );
    return row?.count ?? 0;
  }

  async holders(): Promise<string[]> {
    const rows = await this.system.query<{ worker: string }>(
      `SELECT worker_id AS worker FROM runs WHERE state = 'running' GROUP BY worker_id ORDER BY count(*) DESC`,
    );
    return rows.map(({ worker }) => worker);
  }

  async audit(from: Date): Promise<string[]> {
    const { ok, output } = await runTask([process.execPath, 'dist/commands/verify.js', '--from', from.toISOString()], {
      env: { ...process.env, ...this.system.auditEnvironment },
    });
    return ok ? [] : [`the auditor:\n${output.trim()}`];
  }
}
