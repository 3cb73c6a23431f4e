import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What each key version is recognised by. Existing installations get theirs when the first process starts, which opens a secret first. */
export class SecretKeys1763724000000 implements MigrationInterface {
  name = 'SecretKeys1763724000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE secret_keys (
        version integer CONSTRAINT secret_keys_pkey PRIMARY KEY,
        nonce bytea NOT NULL,
        ciphertext bytea NOT NULL,
        first_seen_at timestamptz NOT NULL DEFAULT clock_timestamp()
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE secret_keys`);
  }
}
