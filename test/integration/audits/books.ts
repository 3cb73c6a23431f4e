import type { DataSource } from 'typeorm';
import { v7 } from 'uuid';

export interface Booked {
  runId: string;
  jobId: string;
}

/** The books of one-time jobs that each succeeded at their second attempt: nothing is wrong with them. */
export async function keepBooks(database: DataSource, count: number, at = new Date()): Promise<Booked[]> {
  const newId = (): string => v7({ msecs: at.getTime() });
  const after = (seconds: number): Date => new Date(at.getTime() + seconds * 1_000);
  const userId = newId();
  await database.query(
    `INSERT INTO users (id, email, name, password_hash) VALUES ($1, gen_random_uuid()::text, 'A', '-')`,
    [userId],
  );
  const booked = Array.from({ length: count }, () => ({ runId: newId(), jobId: newId() }));
  for (const { runId, jobId } of booked) {
    await database.query(
      `INSERT INTO jobs (id, user_id, name, type, handler, payload, status, overlap_policy, catchup, max_retries, created_at)
       VALUES ($1, $2, 'a job', 'one_time', 'log', '{}', 'completed', 'skip', '{}', 3, $3)`,
      [jobId, userId, at],
    );
    await database.query(
      `INSERT INTO runs (id, job_id, nominal_at, due_at, trigger, state, reason, attempts, lease_token, ring_at,
                         job_version, started_at, attempt_status, execution_started_at, ended_at, created_at)
       VALUES ($1, $2, $3, $4, 'schedule', 'succeeded', 'completed', 2, 2, $3, 1, $3, 'succeeded', $4, $5, $3)`,
      [runId, jobId, at, after(3), after(4)],
    );
    await database.query(
      `INSERT INTO earlier_executions (id, run_id, job_id, attempt_number, status, due_at, started_at, completed_at, lease_token)
       VALUES ($1, $2, $3, 1, 'failed', $4, $4, $5, 1)`,
      [newId(), runId, jobId, at, after(1)],
    );
  }
  return booked;
}

/** For each invariant, statements that break it for one run ($1) or its job ($2). */
export const forgeries: Record<string, string[]> = {
  nominal_time_twice: [
    'DROP INDEX runs_once',
    `INSERT INTO runs (id, job_id, nominal_at, due_at, trigger, state, reason, ring_at, job_version, ended_at)
     SELECT gen_random_uuid(), job_id, nominal_at, due_at, trigger, 'missed', 'outside_window', ring_at, 1, now()
     FROM runs WHERE id = $1`,
  ],
  job_without_run: ['DELETE FROM runs WHERE id = $1'],
  run_without_job: ['DELETE FROM jobs WHERE id = $2'],
  job_without_owner: ['UPDATE jobs SET user_id = gen_random_uuid() WHERE id = $2'],
  job_and_run_disagree: [`UPDATE jobs SET status = 'pending' WHERE id = $2`],
  end_without_reason: ['UPDATE runs SET reason = NULL WHERE id = $1'],
  running_without_lease: [
    `UPDATE runs SET state = 'running', reason = NULL, ended_at = NULL, attempt_status = NULL WHERE id = $1`,
    `UPDATE jobs SET status = 'pending' WHERE id = $2`,
  ],
  waits_unrung: [
    `UPDATE runs SET state = 'scheduled', reason = NULL, ended_at = NULL, attempt_status = NULL,
                     ring_at = now() + interval '2 days' WHERE id = $1`,
    `UPDATE jobs SET status = 'pending' WHERE id = $2`,
  ],
  attempts_not_consecutive: ['UPDATE earlier_executions SET attempt_number = 5 WHERE run_id = $1'],
  attempts_disagree: ['UPDATE runs SET attempts = 5 WHERE id = $1'],
  claim_without_record: ['UPDATE runs SET lease_token = 9 WHERE id = $1'],
  outcome_disagrees: [`UPDATE runs SET attempt_status = 'failed' WHERE id = $1`],
  started_before_due: [`UPDATE runs SET execution_started_at = due_at - interval '1 s' WHERE id = $1`],
  attempts_overlap: [`UPDATE earlier_executions SET completed_at = completed_at + interval '10 s' WHERE run_id = $1`],
  tokens_not_rising: ['UPDATE earlier_executions SET lease_token = 2 WHERE run_id = $1'],
};

export async function forge(database: DataSource, check: string, { runId, jobId }: Booked): Promise<void> {
  for (const statement of forgeries[check] ?? [])
    await database.query(statement.replaceAll('$1', `'${runId}'`).replaceAll('$2', `'${jobId}'`));
}
