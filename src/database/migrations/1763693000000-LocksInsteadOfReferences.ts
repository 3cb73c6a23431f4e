import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Jobs and runs are inserted many at a time, and a foreign key looks at what each of them refers to by itself: a third of what a
 * submission cost. The statements that insert them see to it that it is there, once for all:
 * docs/decisions/0019-locks-instead-of-references.md. Two functions say so where it is not; nothing is asked of them else.
 */
export class LocksInsteadOfReferences1763693000000 implements MigrationInterface {
  name = 'LocksInsteadOfReferences1763693000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE runs DROP CONSTRAINT runs_job_id_fkey`);
    await runner.query(`ALTER TABLE jobs DROP CONSTRAINT jobs_user_id_fkey`);
    await runner.query(`
      CREATE FUNCTION refuse_jobs_without_owner() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
      BEGIN
        RAISE EXCEPTION 'a job was to be inserted for a user who does not exist'
          USING ERRCODE = 'foreign_key_violation', TABLE = 'jobs', CONSTRAINT = 'jobs_owner';
      END $$`);
    await runner.query(`
      CREATE FUNCTION refuse_void_places() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
      BEGIN
        RAISE EXCEPTION 'places for live jobs have been counted anew'
          USING ERRCODE = 'check_violation', CONSTRAINT = 'live_job_places_generation';
      END $$`);
    // What a submission shares (FOR KEY SHARE) it shares with promises, which change no column of a unique index, and not with counts.
    await runner.query(`CREATE UNIQUE INDEX live_job_places_count ON live_job_places (user_id, generation)`);
    await runner.query(`DROP FUNCTION hold_live_job_places`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX live_job_places_count`);
    await runner.query(`DROP FUNCTION refuse_void_places`);
    await runner.query(`DROP FUNCTION refuse_jobs_without_owner`);
    await runner.query(`
      CREATE FUNCTION hold_live_job_places(holder uuid, promised_under bigint) RETURNS boolean
      LANGUAGE plpgsql VOLATILE AS $$
      BEGIN
        PERFORM FROM users WHERE id = holder FOR KEY SHARE;
        PERFORM FROM live_job_places WHERE user_id = holder AND generation = promised_under;
        IF NOT FOUND THEN
          RAISE EXCEPTION 'the places for live jobs of user % have been counted anew', holder
            USING ERRCODE = 'check_violation', CONSTRAINT = 'live_job_places_generation';
        END IF;
        RETURN true;
      END $$`);
    await runner.query(
      `ALTER TABLE jobs ADD CONSTRAINT jobs_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE`,
    );
    await runner.query(
      `ALTER TABLE runs ADD CONSTRAINT runs_job_id_fkey FOREIGN KEY (job_id) REFERENCES jobs (id) ON DELETE CASCADE`,
    );
  }
}
