import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Those in whose order rows are added. `jobs_by_owner` is none: an ended job moves to another place in it. */
const indexes = ['runs_pkey', 'runs_once', 'jobs_pkey'];

/**
 * Room in each page for a second entry of each row: the version that the end of a run, and of a one-time job, makes. A full
 * page is searched for entries to delete, made smaller, then split. Pages that are there keep what they have.
 */
export class RoomForEnds1763691000000 implements MigrationInterface {
  name = 'RoomForEnds1763691000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const index of indexes) await runner.query(`ALTER INDEX ${index} SET (fillfactor = 50)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const index of indexes) await runner.query(`ALTER INDEX ${index} RESET (fillfactor)`);
  }
}
