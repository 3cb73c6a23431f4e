import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Logins with their refresh tokens, API keys and invites: of every secret only its digest. */
export class Accounts1763665000000 implements MigrationInterface {
  name = 'Accounts1763665000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE sessions (
        id uuid CONSTRAINT sessions_pkey PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT sessions_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        created_at timestamptz NOT NULL DEFAULT now(),
        last_used_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        address text,
        user_agent text
      )`);
    await runner.query(`CREATE INDEX sessions_by_user ON sessions (user_id)`);
    await runner.query(`
      CREATE TABLE refresh_tokens (
        digest text CONSTRAINT refresh_tokens_pkey PRIMARY KEY,
        session_id uuid NOT NULL CONSTRAINT refresh_tokens_session_id_fkey REFERENCES sessions (id) ON DELETE CASCADE,
        created_at timestamptz NOT NULL DEFAULT now(),
        used_at timestamptz,
        salt text,
        successor text
      )`);
    await runner.query(`CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id)`);
    await runner.query(`
      CREATE TABLE api_keys (
        id uuid CONSTRAINT api_keys_pkey PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT api_keys_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        name text NOT NULL,
        scopes text[] NOT NULL,
        digest text NOT NULL,
        hint text NOT NULL,
        expires_at timestamptz,
        last_used_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`CREATE INDEX api_keys_by_user ON api_keys (user_id)`);
    await runner.query(`
      CREATE TABLE invites (
        id uuid CONSTRAINT invites_pkey PRIMARY KEY,
        digest text NOT NULL CONSTRAINT invites_digest_key UNIQUE,
        email text,
        created_by uuid NOT NULL CONSTRAINT invites_created_by_fkey REFERENCES users (id) ON DELETE CASCADE,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        used_at timestamptz,
        used_by uuid CONSTRAINT invites_used_by_fkey REFERENCES users (id) ON DELETE SET NULL
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['invites', 'api_keys', 'refresh_tokens', 'sessions'])
      await runner.query(`DROP TABLE ${table}`);
  }
}
