import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Recurring jobs of an owner among many one-time ones, which write nothing to it. */
export class RecurringJobs1763685000000 implements MigrationInterface {
  name = 'RecurringJobs1763685000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX jobs_recurring ON jobs (user_id, status, id) WHERE type = 'recurring'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX jobs_recurring`);
  }
}
