import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Executions and log lines carry no foreign key: docs/decisions/0004-history-without-foreign-keys.md says why. */
export class Initial1763650000000 implements MigrationInterface {
  name = 'Initial1763650000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE users (
        id uuid CONSTRAINT users_pkey PRIMARY KEY,
        email text NOT NULL CONSTRAINT users_email_key UNIQUE,
        name text NOT NULL,
        password_hash text NOT NULL,
        role text NOT NULL DEFAULT 'user',
        is_active boolean NOT NULL DEFAULT true,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`
      CREATE TABLE idempotency_keys (
        user_id uuid NOT NULL,
        route text NOT NULL,
        key text NOT NULL,
        fingerprint text NOT NULL,
        answer jsonb NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT idempotency_keys_pkey PRIMARY KEY (user_id, route, key)
      )`);
    await runner.query(`CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at)`);
    await runner.query(`
      CREATE TABLE jobs (
        id uuid CONSTRAINT jobs_pkey PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT jobs_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        name text NOT NULL,
        description text,
        type text NOT NULL,
        handler text NOT NULL,
        payload jsonb NOT NULL,
        status text NOT NULL,
        scheduled_at timestamptz,
        schedule jsonb,
        timezone text,
        overlap_policy text NOT NULL,
        catchup jsonb NOT NULL,
        pause_after_failures integer,
        paused_at timestamptz,
        paused_until timestamptz,
        pause_note text,
        max_retries integer NOT NULL,
        retry_delay_ms integer,
        timeout_ms integer,
        on_lost text,
        notify_on_failure boolean,
        next_run_at timestamptz,
        planned_count integer NOT NULL DEFAULT 0,
        version integer NOT NULL DEFAULT 1,
        version_since timestamptz NOT NULL DEFAULT now(),
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`CREATE INDEX jobs_by_owner ON jobs (user_id, id)`);
    await runner.query(
      `CREATE INDEX jobs_to_plan ON jobs (next_run_at) WHERE status = 'pending' AND next_run_at IS NOT NULL`,
    );
    await runner.query(
      `CREATE INDEX jobs_to_end ON jobs (id) WHERE status = 'pending' AND type = 'recurring' AND next_run_at IS NULL`,
    );
    await runner.query(
      `CREATE INDEX jobs_to_resume ON jobs (paused_until) WHERE status = 'paused' AND paused_until IS NOT NULL`,
    );
    await runner.query(`
      CREATE TABLE job_versions (
        job_id uuid NOT NULL,
        version integer NOT NULL,
        schedule jsonb,
        valid_from timestamptz NOT NULL,
        valid_to timestamptz NOT NULL,
        CONSTRAINT job_versions_pkey PRIMARY KEY (job_id, version)
      )`);
    await runner.query(`
      CREATE TABLE runs (
        id uuid CONSTRAINT runs_pkey PRIMARY KEY,
        job_id uuid NOT NULL CONSTRAINT runs_job_id_fkey REFERENCES jobs (id) ON DELETE CASCADE,
        nominal_at timestamptz NOT NULL,
        due_at timestamptz NOT NULL,
        trigger text NOT NULL,
        state text NOT NULL,
        reason text,
        reason_detail text,
        attempts integer NOT NULL DEFAULT 0,
        lease_token bigint NOT NULL DEFAULT 0,
        lease_until timestamptz,
        worker_id text,
        attempt_started_at timestamptz,
        cancel_requested_at timestamptz,
        ring_at timestamptz NOT NULL,
        rings smallint NOT NULL DEFAULT 0,
        gated boolean NOT NULL DEFAULT false,
        held_by uuid,
        job_version integer NOT NULL,
        payload jsonb,
        count integer NOT NULL DEFAULT 1,
        nominal_until timestamptz,
        started_at timestamptz,
        ended_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`CREATE UNIQUE INDEX runs_once ON runs (job_id, nominal_at, trigger)`);
    await runner.query(`CREATE INDEX runs_to_ring ON runs (ring_at) WHERE state IN ('scheduled', 'retrying')`);
    await runner.query(`CREATE INDEX runs_leased ON runs (lease_until) WHERE state = 'running'`);
    await runner.query(`CREATE INDEX runs_live ON runs (job_id) WHERE state IN ('scheduled', 'running', 'retrying')`);
    await runner.query(`
      CREATE TABLE executions (
        id uuid CONSTRAINT executions_pkey PRIMARY KEY,
        run_id uuid NOT NULL,
        job_id uuid NOT NULL,
        attempt_number integer NOT NULL,
        status text NOT NULL,
        due_at timestamptz NOT NULL,
        started_at timestamptz NOT NULL,
        completed_at timestamptz NOT NULL,
        error_message text,
        result jsonb,
        worker_id text,
        lease_token bigint NOT NULL
      )`);
    await runner.query(`CREATE INDEX executions_by_run ON executions (run_id)`);
    await runner.query(`CREATE INDEX executions_by_job ON executions (job_id, started_at)`);
    await runner.query(`
      CREATE TABLE log_lines (
        id uuid CONSTRAINT log_lines_pkey PRIMARY KEY,
        run_id uuid NOT NULL,
        job_id uuid NOT NULL,
        timestamp timestamptz NOT NULL DEFAULT clock_timestamp(),
        level text NOT NULL,
        status text NOT NULL,
        message text NOT NULL,
        error text
      )`);
    await runner.query(`CREATE INDEX log_lines_by_run ON log_lines (run_id, id)`);
    await runner.query(`CREATE INDEX log_lines_by_job ON log_lines (job_id, id)`);
    await runner.query(`
      CREATE TABLE failure_notices (
        run_id uuid CONSTRAINT failure_notices_pkey PRIMARY KEY,
        due_at timestamptz NOT NULL DEFAULT now(),
        tries integer NOT NULL DEFAULT 0
      )`);
    await runner.query(`CREATE INDEX failure_notices_due ON failure_notices (due_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [
      'failure_notices',
      'log_lines',
      'executions',
      'runs',
      'job_versions',
      'jobs',
      'idempotency_keys',
      'users',
    ])
      await runner.query(`DROP TABLE ${table}`);
  }
}
