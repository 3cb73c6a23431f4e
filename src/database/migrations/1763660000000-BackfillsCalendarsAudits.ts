import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Backfills, shared calendars, the record of ledger audits, and what jobs must remember for an exact ledger. */
export class BackfillsCalendarsAudits1763660000000 implements MigrationInterface {
  name = 'BackfillsCalendarsAudits1763660000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE jobs ADD scheduled_local text`);
    await runner.query(`ALTER TABLE jobs ADD active_until timestamptz`);
    await runner.query(`CREATE INDEX runs_ranges ON runs (job_id, nominal_at) WHERE nominal_until IS NOT NULL`);
    await runner.query(`
      CREATE TABLE backfills (
        id uuid CONSTRAINT backfills_pkey PRIMARY KEY,
        job_id uuid NOT NULL CONSTRAINT backfills_job_id_fkey REFERENCES jobs (id) ON DELETE CASCADE,
        range_from timestamptz NOT NULL,
        range_to timestamptz NOT NULL,
        overlap_policy text NOT NULL,
        state text NOT NULL,
        schedule jsonb NOT NULL,
        job_version integer NOT NULL,
        total integer NOT NULL,
        next_at timestamptz,
        created_at timestamptz NOT NULL,
        ended_at timestamptz
      )`);
    await runner.query(`CREATE INDEX backfills_by_job ON backfills (job_id, id)`);
    await runner.query(`CREATE INDEX backfills_running ON backfills (id) WHERE state = 'running'`);
    await runner.query(`
      CREATE TABLE calendars (
        id uuid CONSTRAINT calendars_pkey PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT calendars_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        name text NOT NULL,
        days jsonb NOT NULL,
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`CREATE UNIQUE INDEX calendars_by_name ON calendars (user_id, name)`);
    await runner.query(`
      CREATE TABLE ledger_audits (
        id uuid CONSTRAINT ledger_audits_pkey PRIMARY KEY,
        started_at timestamptz NOT NULL,
        ended_at timestamptz NOT NULL,
        jobs integer NOT NULL,
        expected bigint NOT NULL,
        missing integer NOT NULL
      )`);
    await runner.query(`CREATE INDEX ledger_audits_by_end ON ledger_audits (ended_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['ledger_audits', 'calendars', 'backfills']) await runner.query(`DROP TABLE ${table}`);
    await runner.query(`DROP INDEX runs_ranges`);
    await runner.query(`ALTER TABLE jobs DROP COLUMN active_until`);
    await runner.query(`ALTER TABLE jobs DROP COLUMN scheduled_local`);
  }
}
