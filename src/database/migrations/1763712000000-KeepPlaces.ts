import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Keeps what a run was promised apart from what it waits for, which changes with each look. */
export class KeepPlaces1763712000000 implements MigrationInterface {
  name = 'KeepPlaces1763712000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE runs ADD keeps_place boolean NOT NULL DEFAULT false`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE runs DROP COLUMN keeps_place`);
  }
}
