import { eventually } from '../../support/eventually.js';
import { closeBooks, recurring } from '../books.js';
import { Client, readiness } from '../client.js';
import type { Answer } from '../client.js';
import { haproxy, healthServer } from '../haproxy.js';
import { Postgres } from '../postgres.js';
import type { Scenario } from '../scenario.js';
import { seconds } from '../seconds.js';

/** Submissions a second. */
const rate = 20;

export const demoted: Scenario = {
  name: 'demoted',
  title:
    'Old sessions are on a server that takes no writes any more, new ones on its successor: 503 and no 500, for 3 s at most, and no old session is kept',
  async run(stage) {
    const postgres = await Postgres.start(stage);
    const redis = await stage.redis();
    await stage.migrate(postgres.environment);
    const settings = { ...postgres.environment, ...redis };
    const api = await stage.product('api', settings);
    const worker = await stage.product('worker,ticker', settings);
    const client = await Client.of(api);
    await recurring(client, 2, 1_000);
    const before = await client.load(rate, seconds(2));
    const old = await sessions(postgres);
    if (old.length === 0) throw new Error('The process has no connection');
    await postgres.ask(`ALTER ROLE ${Postgres.role.username} SET default_transaction_read_only = off`);
    await postgres.ask('ALTER SYSTEM SET default_transaction_read_only = on');
    await postgres.ask('SELECT pg_reload_conf()');
    // Nobody asks for readiness meanwhile: that would open connections.
    const after = await client.load(rate, seconds(8));
    const lastRefused = after.findLastIndex(({ status }) => status !== 201);
    if ((lastRefused + 1) / rate > 3) throw new Error(`Refused for ${(lastRefused + 1) / rate} s`);
    const kept = (await sessions(postgres)).filter((pid) => old.includes(pid));
    if (kept.length > 0) throw new Error(`${kept.length} of ${old.length} connections were kept`);
    const { status, body } = await readiness(api);
    if (status !== 200) throw new Error(`ready is ${status}: ${JSON.stringify(body)}`);
    const books = await closeBooks({ answers: [...before, ...after], postgres, products: [api, worker] });
    return `${books}; refused for ${((lastRefused + 1) / rate).toFixed(1)} s`;
  },
};

/** Those of the process that answers requests, by their server processes. */
const sessions = async (postgres: Postgres): Promise<number[]> =>
  (await postgres.ask<{ pid: number }>(`SELECT pid FROM pg_stat_activity WHERE application_name = 'punctual api'`)).map(
    ({ pid }) => pid,
  );

/** Asks for readiness until it says so. */
const readyIs = (product: Parameters<typeof readiness>[0], wanted: number, withinMs = 30_000): Promise<Answer> =>
  eventually(
    () => readiness(product),
    ({ status }) => status === wanted,
    { withinMs, everyMs: 100 },
  );

export const promoted: Scenario = {
  name: 'promoted',
  title:
    'A synchronous pair behind HAProxy, the primary killed under load and the standby promoted: nothing accepted is lost',
  async run(stage) {
    const primary = await Postgres.start(stage, { name: 'primary' });
    const standby = await primary.standby({ name: 'standby' });
    await primary.ask("ALTER SYSTEM SET synchronous_standby_names = '*'");
    await primary.ask('SELECT pg_reload_conf()');
    await eventually(
      () => primary.ask<{ sync_state: string }>('SELECT sync_state FROM pg_stat_replication'),
      (rows) => rows[0]?.sync_state === 'sync',
    );
    const isPrimary = async (server: Postgres): Promise<boolean> =>
      (await server.ask<{ recovering: boolean }>('SELECT pg_is_in_recovery() AS recovering'))[0]?.recovering === false;
    const servers = await Promise.all(
      [primary, standby].map(async (server) => ({
        port: server.port,
        checkPort: await healthServer(stage, () => isPrimary(server)),
      })),
    );
    const words = 'on-marked-down shutdown-sessions';
    const port = await haproxy(stage, {
      name: 'postgres',
      mode: 'tcp',
      servers,
      path: '/',
      intervalMs: 300,
      serverWords: words,
    });
    const environment = { ...primary.environment, DB_PORT: String(port) };
    await eventually(
      () => stage.migrate(environment).then(String, String),
      (said) => said.includes('Applied') || said.includes('up to date'),
      { withinMs: 30_000, everyMs: 500 },
    );
    const redis = await stage.redis();
    const settings = { ...environment, ...redis };
    const api = await stage.product('api', settings);
    const worker = await stage.product('worker,ticker', settings);
    const client = await Client.of(api);
    await recurring(client, 3, 1_000);
    const before = await client.load(rate, seconds(2));
    const during = client.load(rate, seconds(12));
    await primary.server.stop('SIGKILL');
    await readyIs(api, 503);
    const began = performance.now();
    await standby.ask('SELECT pg_promote()');
    await readyIs(api, 200);
    const tookMs = performance.now() - began;
    const answers = [...before, ...(await during)];
    const books = await closeBooks({ answers, postgres: standby, environment, products: [api, worker] });
    return `${books}; ready ${(tookMs / 1_000).toFixed(1)} s after the promotion`;
  },
};

export const drained: Scenario = {
  name: 'drained',
  title:
    'SHUTDOWN_DELAY_MS behind HAProxy: processes are replaced one after the other under load, and no request notices',
  async run(stage) {
    const postgres = await Postgres.start(stage);
    const redis = await stage.redis();
    await stage.migrate(postgres.environment);
    const delayMs = 2_500;
    const settings = { ...postgres.environment, ...redis, SHUTDOWN_DELAY_MS: String(delayMs) };
    const [first, second] = [
      await stage.product('api,worker,ticker', settings),
      await stage.product('api,worker,ticker', settings),
    ];
    const servers = [first, second].map(({ url }) => ({
      port: Number(new URL(url).port),
      checkPort: Number(new URL(url).port),
    }));
    const port = await haproxy(stage, {
      ...{ name: 'api', mode: 'http', servers, path: '/health/ready', intervalMs: 500 },
      backend: ['retries 0', 'http-check expect status 200'],
    });
    const client = await Client.of(() => `http://127.0.0.1:${port}`);
    await recurring(client, 2, 1_000);
    const loaded = client.load(50, seconds(delayMs / 1_000 + 4));
    const began = performance.now();
    const ending = first.end('SIGTERM');
    const { status } = await readyIs(first, 503, delayMs);
    const code = await ending;
    const tookMs = performance.now() - began;
    if (status !== 503 || code !== 0 || tookMs < delayMs)
      throw new Error(`Left with ${code} after ${tookMs.toFixed(0)} ms`);
    const answers = await loaded;
    const books = await closeBooks({ answers, postgres, products: [second], allowed: [201] });
    return `${books}; gone after ${(tookMs / 1_000).toFixed(1)} s`;
  },
};

export const standbyGone: Scenario = {
  name: 'standby-gone',
  title:
    'The only synchronous standby is gone: submissions get 503, migrations end with what to do, and all goes on when it is back',
  async run(stage) {
    const postgres = await Postgres.start(stage);
    const redis = await stage.redis();
    await stage.migrate(postgres.environment);
    const limits = { DB_STATEMENT_TIMEOUT_MS: '2000', DB_SILENCE_MS: '3000' };
    const settings = { ...postgres.environment, ...redis, ...limits };
    const product = await stage.product('api,worker,ticker', settings);
    const client = await Client.of(product);
    const before = await client.load(5, seconds(1));
    await postgres.ask("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    await postgres.ask('SELECT pg_reload_conf()');
    const during = await client.load(5, seconds(1));
    const slowest = Math.max(...during.map(({ tookMs }) => tookMs));
    const began = performance.now();
    const words = await stage.migrate({ ...postgres.environment, ...limits }).catch(String);
    const tookMs = performance.now() - began;
    if (!words.includes('synchronous_standby_names')) throw new Error(`Migrations say: ${words}`);
    await postgres.ask('ALTER SYSTEM RESET synchronous_standby_names');
    await postgres.ask('SELECT pg_reload_conf()');
    await readyIs(product, 200);
    await client.complete('when it is back');
    const answers = [...before, ...during];
    const books = await closeBooks({ answers, postgres, products: [product], allowed: [201, 503, 0] });
    return `${books}; slowest answer ${(slowest / 1_000).toFixed(1)} s, migrations ended after ${(tookMs / 1_000).toFixed(1)} s`;
  },
};
