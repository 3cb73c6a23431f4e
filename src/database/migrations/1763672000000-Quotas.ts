import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What single users may have, and what counts against it. */
export class Quotas1763672000000 implements MigrationInterface {
  name = 'Quotas1763672000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE user_quotas (
        user_id uuid CONSTRAINT user_quotas_pkey PRIMARY KEY
          CONSTRAINT user_quotas_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        live_jobs integer,
        submissions_per_minute integer,
        payload_bytes integer,
        mails_per_hour integer,
        mails_per_day integer,
        updated_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`
      CREATE TABLE mail_counts (
        user_id uuid CONSTRAINT mail_counts_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        hour timestamptz,
        sent integer NOT NULL,
        CONSTRAINT mail_counts_pkey PRIMARY KEY (user_id, hour)
      )`);
    await runner.query(`
      CREATE TABLE live_job_places (
        user_id uuid CONSTRAINT live_job_places_pkey PRIMARY KEY
          CONSTRAINT live_job_places_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        generation bigint NOT NULL,
        promised bigint NOT NULL
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['live_job_places', 'mail_counts', 'user_quotas']) await runner.query(`DROP TABLE ${table}`);
  }
}
