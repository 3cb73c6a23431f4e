import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which version of its job a run's latest attempt got. A column without a default takes no time; earlier runs do not tell. */
export class RanVersion1763727000000 implements MigrationInterface {
  name = 'RanVersion1763727000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE runs ADD COLUMN ran_version integer`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE runs DROP COLUMN ran_version`);
  }
}
