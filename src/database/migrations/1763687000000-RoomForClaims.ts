import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Room on each page for the versions that claims make, also when all runs of a page are claimed at once, as after bulk
 * submissions: a version that does not fit its page has to be entered in four indexes.
 */
export class RoomForClaims1763687000000 implements MigrationInterface {
  name = 'RoomForClaims1763687000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE runs SET (fillfactor = 45)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE runs SET (fillfactor = 70)`);
  }
}
