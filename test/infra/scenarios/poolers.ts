import { eventually } from '../../support/eventually.js';
import { Client, readiness } from '../client.js';
import { pgbouncer } from '../pgbouncer.js';
import { Postgres } from '../postgres.js';
import type { Scenario } from '../scenario.js';

/** For so long another session locks what submissions write, in seconds. */
const lockedS = 5;

export const pgbouncerSession: Scenario = {
  name: 'pgbouncer-session',
  title: 'PgBouncer in session mode, nothing set for it: jobs run, and statements have their limit of time',
  async run(stage) {
    const postgres = await Postgres.start(stage);
    const pooler = await pgbouncer(stage, postgres, 'session');
    const limits = { DB_STATEMENT_TIMEOUT_MS: '1000', DB_SILENCE_MS: '30000' };
    const product = await stage.whole(postgres, { ...pooler.environment, ...limits });
    const client = await Client.of(product);
    await client.complete('through the pooler');
    const { status, body } = await readiness(product);
    if (status !== 200) throw new Error(`ready is ${status}: ${JSON.stringify(body)}`);

    const lock = `BEGIN; LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(${lockedS}); COMMIT`;
    const locked = postgres.ask(lock, Postgres.role.database);
    const locks = "SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted";
    await eventually(
      () => postgres.ask(locks, Postgres.role.database),
      (rows) => rows.length > 0,
    );
    const answer = await client.submit('meets a lock');
    await locked;
    if (answer.status !== 503 || answer.tookMs > 3_000)
      throw new Error(`Behind a lock: ${answer.status} after ${answer.tookMs.toFixed(0)} ms`);
    await client.complete('after the lock');
    return `503 after ${answer.tookMs.toFixed(0)} ms behind a lock`;
  },
};

const refused = (mode: 'transaction' | 'statement'): Scenario => ({
  name: `pgbouncer-${mode}`,
  title: `PgBouncer in ${mode} mode: refused at the start, with what to set`,
  async run(stage) {
    const postgres = await Postgres.start(stage);
    const pooler = await pgbouncer(stage, postgres, mode);
    await stage.migrate(postgres.environment);
    const redis = await stage.redis();
    const words = await stage.product('api,worker,ticker', { ...pooler.environment, ...redis }).then(
      () => 'it has started',
      (error: unknown) => String(error),
    );
    if (!words.includes('pool_mode = session')) throw new Error(`Not refused as it should be: ${words}`);
    const migration = await stage.migrate(pooler.environment).catch((error: unknown) => String(error));
    if (!migration.includes('pool_mode = session')) throw new Error(`Migrations are not refused: ${migration}`);
  },
});

export const pgbouncerTransaction = refused('transaction');
export const pgbouncerStatement = refused('statement');

export const poolerLater: Scenario = {
  name: 'pgbouncer-later',
  title: 'The address leads to a pooler in transaction mode later: 503 and not ready, nothing half done',
  async run(stage) {
    const postgres = await Postgres.start(stage);
    const before = await pgbouncer(stage, postgres, 'session');
    const product = await stage.whole(postgres, before.environment);
    const client = await Client.of(product);
    await client.complete('before');
    await before.server.stop('SIGTERM');
    await pgbouncer(stage, postgres, 'transaction', before.port);
    await eventually(
      () => readiness(product),
      ({ body }) => JSON.stringify(body).includes('SHARED_SESSIONS'),
      { withinMs: 30_000, everyMs: 200 },
    );
    const answer = await client.submit('through the new pooler');
    if (answer.status !== 503) throw new Error(`A submission got ${answer.status}: ${JSON.stringify(answer.body)}`);
    return 'ready: SHARED_SESSIONS';
  },
};
