import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What each daily audit of the books has found. */
export class RunAudits1763682000000 implements MigrationInterface {
  name = 'RunAudits1763682000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE run_audits (
        id uuid CONSTRAINT run_audits_pkey PRIMARY KEY,
        started_at timestamptz NOT NULL,
        ended_at timestamptz NOT NULL,
        runs integer NOT NULL,
        executions integer NOT NULL,
        violations integer NOT NULL
      )`);
    await runner.query(`CREATE INDEX run_audits_by_end ON run_audits (ended_at)`);
    await runner.query(
      `CREATE INDEX runs_ended_late ON runs (ended_at, id) WHERE ended_at - created_at > interval '1 day'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX runs_ended_late`);
    await runner.query(`DROP TABLE run_audits`);
  }
}
