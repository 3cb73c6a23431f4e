import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The one scheduled run of a one-time job is found by its job: its end need not be entered in the index that puts the attempts
 * of a job in order. Scheduled runs of recurring jobs, and they alone, pass gates.
 */
export class OnlyRunsByJob1763690000000 implements MigrationInterface {
  name = 'OnlyRunsByJob1763690000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX runs_by_execution`);
    await runner.query(
      `CREATE INDEX runs_by_execution ON runs (job_id, execution_started_at)
       WHERE attempt_status IS NOT NULL AND (gated OR trigger <> 'schedule')`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX runs_by_execution`);
    await runner.query(
      `CREATE INDEX runs_by_execution ON runs (job_id, execution_started_at) WHERE attempt_status IS NOT NULL`,
    );
  }
}
