import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The audit log, which only grows: docs/decisions/0013-the-audit-log-only-grows.md. */
export class AuditEvents1763674000000 implements MigrationInterface {
  name = 'AuditEvents1763674000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE audit_events (
        at timestamptz(3) NOT NULL,
        id uuid NOT NULL,
        action text NOT NULL,
        outcome text NOT NULL CONSTRAINT audit_events_outcome_check CHECK (outcome IN ('success', 'refused')),
        reason text,
        user_id uuid,
        credential text NOT NULL
          CONSTRAINT audit_events_credential_check CHECK (credential IN ('session', 'api_key', 'none')),
        credential_id uuid,
        target_kind text,
        target_id text,
        before_digest text,
        after_digest text,
        address text,
        request_id text,
        count integer NOT NULL,
        CONSTRAINT audit_events_pkey PRIMARY KEY (at, id)
      )`);
    await runner.query(`CREATE INDEX audit_events_by_user ON audit_events (user_id, at, id) WHERE user_id IS NOT NULL`);
    await runner.query(
      `CREATE INDEX audit_events_by_target ON audit_events (target_id, at, id) WHERE target_id IS NOT NULL`,
    );
    await runner.query(`CREATE INDEX audit_events_by_action ON audit_events (action, at, id)`);
    await runner.query(`CREATE INDEX audit_events_refused ON audit_events (at, id) WHERE outcome = 'refused'`);
    await runner.query(`
      CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE
        keep_days integer := nullif(current_setting('punctual.audit_keep_days', true), '')::integer;
      BEGIN
        IF TG_OP = 'DELETE' AND OLD.at < clock_timestamp() - greatest(keep_days, 30) * interval '24 hours'
          AND keep_days IS NOT NULL THEN
          RETURN OLD;
        END IF;
        RAISE EXCEPTION 'audit_events only grows: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
      END $$`);
    await runner.query(`
      CREATE TRIGGER audit_events_only_grow BEFORE UPDATE OR DELETE ON audit_events
      FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()`);
    await runner.query(`
      CREATE TRIGGER audit_events_stay BEFORE TRUNCATE ON audit_events
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE audit_events`);
    await runner.query(`DROP FUNCTION refuse_audit_change`);
  }
}
