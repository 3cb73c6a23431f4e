import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Stored secrets, sealed: of a value only its ciphertext. They go with their owner. */
export class Secrets1763676000000 implements MigrationInterface {
  name = 'Secrets1763676000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE secrets (
        id uuid CONSTRAINT secrets_pkey PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT secrets_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        name text NOT NULL,
        key_version integer NOT NULL,
        nonce bytea NOT NULL,
        ciphertext bytea NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        last_used_at timestamptz,
        CONSTRAINT secrets_user_id_name_key UNIQUE (user_id, name)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE secrets`);
  }
}
