import type { MigrationInterface, QueryRunner } from 'typeorm';

const executionColumns = `id, run_id, job_id, attempt_number, status, due_at, started_at, completed_at, error_message, result,
  worker_id, lease_token`;
const lastAttempt = `id, job_id, attempts, attempt_status, due_at, execution_started_at, ended_at, reason_detail, result,
  worker_id, lease_token`;

/**
 * A run's row keeps its last attempt; only attempts that another one followed are rows of their own. `executions` shows both.
 * What waits or runs is indexed by its missing end, which a claim and a renewal leave as it is: they change no index.
 */
export class AttemptsInRuns1763680000000 implements MigrationInterface {
  name = 'AttemptsInRuns1763680000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE executions RENAME TO earlier_executions`);
    await runner.query(`ALTER TABLE earlier_executions RENAME CONSTRAINT executions_pkey TO earlier_executions_pkey`);
    await runner.query(`ALTER INDEX executions_by_run RENAME TO earlier_executions_by_run`);
    await runner.query(`ALTER INDEX executions_by_job RENAME TO earlier_executions_by_job`);
    await runner.query(
      `ALTER TABLE runs ADD attempt_status text, ADD execution_started_at timestamptz, ADD result jsonb`,
    );
    await runner.query(`
      WITH last AS (
        SELECT DISTINCT ON (run_id) * FROM earlier_executions ORDER BY run_id, lease_token DESC
      ), kept AS (
        UPDATE runs r SET attempt_status = last.status, result = last.result, execution_started_at = last.started_at
        FROM last
        WHERE r.id = last.run_id AND r.lease_token = last.lease_token AND r.ended_at = last.completed_at
        RETURNING last.id
      )
      DELETE FROM earlier_executions e USING kept WHERE e.id = kept.id`);
    await runner.query(`
      CREATE VIEW executions AS
        SELECT ${executionColumns} FROM earlier_executions
        UNION ALL
        SELECT id, ${lastAttempt} FROM runs WHERE attempt_status IS NOT NULL`);
    await runner.query(`DROP INDEX runs_to_ring, runs_leased, runs_live, runs_not_run`);
    await runner.query(`CREATE INDEX runs_to_ring ON runs (ring_at) WHERE ended_at IS NULL`);
    await runner.query(`CREATE INDEX runs_live ON runs (job_id) WHERE ended_at IS NULL`);
    await runner.query(
      `CREATE INDEX runs_not_run ON runs (job_id, nominal_at)
       WHERE ended_at IS NOT NULL AND attempt_status IS DISTINCT FROM 'succeeded'`,
    );
    await runner.query(
      `CREATE INDEX runs_by_execution ON runs (job_id, execution_started_at) WHERE attempt_status IS NOT NULL`,
    );
    await runner.query(`ALTER TABLE runs ADD CONSTRAINT runs_end CHECK (
      (ended_at IS NULL) = (state IN ('scheduled', 'running', 'retrying')))`);
    // Room on the page for the version that a claim makes.
    await runner.query(`ALTER TABLE runs SET (fillfactor = 70)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE runs RESET (fillfactor)`);
    await runner.query(`ALTER TABLE runs DROP CONSTRAINT runs_end`);
    await runner.query(`DROP INDEX runs_to_ring, runs_live, runs_not_run, runs_by_execution`);
    await runner.query(`CREATE INDEX runs_to_ring ON runs (ring_at) WHERE state IN ('scheduled', 'retrying')`);
    await runner.query(`CREATE INDEX runs_leased ON runs (lease_until) WHERE state = 'running'`);
    await runner.query(`CREATE INDEX runs_live ON runs (job_id) WHERE state IN ('scheduled', 'running', 'retrying')`);
    await runner.query(
      `CREATE INDEX runs_not_run ON runs (job_id, state, nominal_at)
       WHERE state IN ('failed', 'cancelled', 'skipped', 'missed')`,
    );
    await runner.query(`DROP VIEW executions`);
    await runner.query(`
      INSERT INTO earlier_executions (${executionColumns})
      SELECT gen_random_uuid(), ${lastAttempt} FROM runs WHERE attempt_status IS NOT NULL`);
    await runner.query(`ALTER TABLE runs DROP attempt_status, DROP execution_started_at, DROP result`);
    await runner.query(`ALTER TABLE earlier_executions RENAME TO executions`);
    await runner.query(`ALTER TABLE executions RENAME CONSTRAINT earlier_executions_pkey TO executions_pkey`);
    await runner.query(`ALTER INDEX earlier_executions_by_run RENAME TO executions_by_run`);
    await runner.query(`ALTER INDEX earlier_executions_by_job RENAME TO executions_by_job`);
  }
}
