import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Finds the pages on which runs of a day lie. A block range index: it is written to when a page's range is summed up, not by
 * each run. `multi`, for runs that are scheduled far ahead lie among others. Of an expression, so that no other index, which
 * would be read from end to end, is taken for as good.
 */
export class RunsByTime1763684000000 implements MigrationInterface {
  name = 'RunsByTime1763684000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX runs_by_time ON runs USING brin ((nominal_at AT TIME ZONE 'UTC') timestamp_minmax_multi_ops)
       WITH (autosummarize = on)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX runs_by_time`);
  }
}
