import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Up to which nominal time the rows of each job may have been pruned: docs/decisions/0010-history-is-pruned-in-batches.md. */
export class PrunedHistories1763671000000 implements MigrationInterface {
  name = 'PrunedHistories1763671000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE pruned_histories (
        job_id uuid CONSTRAINT pruned_histories_pkey PRIMARY KEY,
        scheduled_until timestamptz,
        backfilled_until timestamptz
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE pruned_histories`);
  }
}
