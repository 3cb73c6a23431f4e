import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The jobs of a disabled account are paused, and say so; whose jobs are still to be brought in line is marked, so that whatever
 * happens between two steps, somebody goes on. Accounts that are disabled already get theirs paused by the first ticker.
 */
export class DisabledAccounts1763718000000 implements MigrationInterface {
  name = 'DisabledAccounts1763718000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE jobs ADD COLUMN pause_reason text`);
    await runner.query(`ALTER TABLE users ADD COLUMN jobs_to_align boolean NOT NULL DEFAULT false`);
    await runner.query(`CREATE INDEX users_to_align ON users (id) WHERE jobs_to_align`);
    await runner.query(`UPDATE users SET jobs_to_align = true WHERE NOT is_active`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX users_to_align`);
    await runner.query(`ALTER TABLE users DROP COLUMN jobs_to_align`);
    await runner.query(`ALTER TABLE jobs DROP COLUMN pause_reason`);
  }
}
