import { connectTo } from './support/postgres.mjs';

const batchSize = 500;
const connections = 2;

/** No queue at all: what is left when a run's whole record costs one statement for 500 of them. The limit of a machine. */
const settle = `
  WITH taken AS (
    SELECT id FROM runs WHERE state = 'waiting' AND due_at <= clock_timestamp()
    ORDER BY due_at LIMIT ${batchSize} FOR UPDATE SKIP LOCKED
  ), settled AS (
    UPDATE runs SET state = 'succeeded', started_at = now(), ended_at = clock_timestamp()
    FROM taken WHERE runs.id = taken.id RETURNING runs.id, runs.due_at, started_at, ended_at
  )
  INSERT INTO executions (run_id, attempt, outcome, due_at, started_at, ended_at)
  SELECT id, 1, 'succeeded', due_at, started_at, ended_at FROM settled`;

/** @type {import('../subject.d.ts').Subject} */
export const subject = {
  name: 'postgresql-alone',
  title: 'PostgreSQL alone (no queue, no handler)',
  limit: true,
  keepsHistory: 'yes',
  stores: 'PostgreSQL',
  settings: `batches of ${batchSize} claimed, settled and recorded by one statement and one commit, ${connections} connections`,
  measures: ['drain'],
  async prepare({ postgres }) {
    const clients = await Promise.all(Array.from({ length: connections }, () => connectTo(postgres)));
    const [client] = /** @type {[import('pg').Client]} */ (clients);
    await client.query(`
      CREATE TABLE runs (
        id uuid PRIMARY KEY, job_id uuid NOT NULL, state text NOT NULL, due_at timestamptz NOT NULL,
        payload jsonb NOT NULL, started_at timestamptz, ended_at timestamptz
      ) WITH (fillfactor = 50);
      CREATE INDEX runs_waiting ON runs (due_at) WHERE state = 'waiting';
      CREATE TABLE executions (
        run_id uuid NOT NULL, attempt integer NOT NULL, outcome text NOT NULL, due_at timestamptz NOT NULL,
        started_at timestamptz NOT NULL, ended_at timestamptz NOT NULL, PRIMARY KEY (run_id, attempt)
      )`);
    return {
      async drain(count, meter) {
        await client.query(
          `INSERT INTO runs (id, job_id, state, due_at, payload)
           SELECT uuidv7(), uuidv7(), 'waiting', now() - interval '1 second', '{}' FROM generate_series(1, $1::integer)`,
          [count],
        );
        await client.query('ANALYZE');
        const lane = async (/** @type {import('pg').Client} */ connection) => {
          while ((await connection.query({ name: 'settle', text: settle })).rowCount);
        };
        const ms = await meter.measure(() => Promise.all(clients.map(lane)));
        const { rows } = await client.query('SELECT count(*)::integer AS done FROM executions');
        if (rows[0].done !== count) throw new Error(`${rows[0].done} of ${count} runs are recorded.`);
        return ms;
      },
      close: async () => void (await Promise.all(clients.map((connection) => connection.end()))),
    };
  },
};
