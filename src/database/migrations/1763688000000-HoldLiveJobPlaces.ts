import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Lets a submission be one statement: a statement sees the places for live jobs as they were when it began, and so may miss
 * a count that it had to wait for. What a volatile function asks is asked anew.
 */
export class HoldLiveJobPlaces1763688000000 implements MigrationInterface {
  name = 'HoldLiveJobPlaces1763688000000';

  async up(runner: QueryRunner): Promise<void> {
    // A count locks the user's row for itself. From here to the end of the transaction, none begins.
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
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP FUNCTION hold_live_job_places`);
  }
}
