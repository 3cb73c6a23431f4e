import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What users send, what handlers answer, and what was answered to a key: columns that give back what they were given. */
const columns = {
  jobs: ['payload'],
  runs: ['payload', 'result'],
  earlier_executions: ['result'],
  idempotency_keys: ['answer'],
};

const attemptColumns = `id, run_id, job_id, attempt_number, status, due_at, started_at, completed_at, error_message, result,
  worker_id, lease_token`;
const lastAttempt = `id, job_id, attempts, attempt_status, due_at, execution_started_at, ended_at, reason_detail, result,
  worker_id, lease_token`;

/**
 * `json` keeps a text as it came, `jsonb` sorts the keys of objects: bodies that a client has signed broke. Nothing is looked up
 * inside these columns. Each table is written anew, while nobody else can use it; what is there already stays in the order that
 * `jsonb` gave it.
 */
export class KeysInOrder1763726000000 implements MigrationInterface {
  name = 'KeysInOrder1763726000000';

  async up(runner: QueryRunner): Promise<void> {
    await change(runner, 'json');
  }

  async down(runner: QueryRunner): Promise<void> {
    await change(runner, 'jsonb');
  }
}

async function change(runner: QueryRunner, type: 'json' | 'jsonb'): Promise<void> {
  await runner.query(`DROP VIEW executions`);
  for (const [table, names] of Object.entries(columns)) {
    const changes = names.map((name) => `ALTER ${name} TYPE ${type} USING ${name}::${type}`);
    // All of a table at once: it is written anew once only.
    await runner.query(`ALTER TABLE ${table} ${changes.join(', ')}`);
  }
  await runner.query(`
    CREATE VIEW executions AS
      SELECT ${attemptColumns} FROM earlier_executions
      UNION ALL
      SELECT id, ${lastAttempt} FROM runs WHERE attempt_status IS NOT NULL`);
}
