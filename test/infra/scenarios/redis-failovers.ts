import { eventually } from '../../support/eventually.js';
import type { ProductProcess } from '../../support/processes.js';
import { closeBooks, recurring } from '../books.js';
import { Client, readiness } from '../client.js';
import type { Answer } from '../client.js';
import { Postgres } from '../postgres.js';
import { RedisServer } from '../redis.js';
import { RedisCluster } from '../redis-cluster.js';
import type { Scenario } from '../scenario.js';
import { seconds } from '../seconds.js';

const rate = 20;
const operator = { password: 'root' };

const readyIs = (product: ProductProcess, wanted: number): Promise<Answer> =>
  eventually(
    () => readiness(product),
    ({ status }) => status === wanted,
    { withinMs: 40_000, everyMs: 100 },
  );

export const sentinels: Scenario = {
  name: 'sentinel',
  title:
    'Three Sentinels with a password of their own, the master killed under load: submissions are taken, and the replica is found',
  async run(stage) {
    const postgres = await Postgres.start(stage);
    const secured = ['--requirepass', operator.password, '--masterauth', operator.password];
    const master = await RedisServer.start(stage, { name: 'master', flags: secured, operator });
    const replica = await RedisServer.start(stage, {
      ...{ name: 'replica', operator },
      flags: [...secured, '--replicaof', `127.0.0.1 ${master.port}`],
    });
    await eventually(
      () => replica.ask('INFO', 'replication'),
      (said) => String(said).includes('master_link_status:up'),
    );
    const watchers: RedisServer[] = [];
    for (const place of [1, 2, 3])
      watchers.push(
        await RedisServer.start(stage, {
          ...{ name: `sentinel-${place}`, program: 'redis-sentinel' as const, operator: { password: 'watch' } },
          settings: [
            'requirepass watch',
            `sentinel monitor mymaster 127.0.0.1 ${master.port} 2`,
            `sentinel auth-pass mymaster ${operator.password}`,
            'sentinel down-after-milliseconds mymaster 1000',
            'sentinel failover-timeout mymaster 5000',
          ],
        }),
      );
    await eventually(
      async () => JSON.stringify(await watchers[0]?.ask('SENTINEL', 'CKQUORUM', 'mymaster').catch(String)),
      (said) => said.includes('OK 3 usable'),
      { withinMs: 20_000, everyMs: 200 },
    );
    await stage.migrate(postgres.environment);
    const settings = {
      ...postgres.environment,
      REDIS_SENTINELS: watchers.map(({ port }) => `127.0.0.1:${port}`).join(),
      ...{ REDIS_SENTINEL_PASSWORD: 'watch', REDIS_PASSWORD: operator.password },
    };
    const api = await stage.product('api', settings);
    const worker = await stage.product('worker,ticker', settings);
    const client = await Client.of(api);
    await readyIs(worker, 200);
    await recurring(client, 2, 1_000);
    const loaded = client.load(rate, seconds(12));
    await master.server.stop('SIGKILL');
    const began = performance.now();
    await readyIs(worker, 503);
    await readyIs(worker, 200);
    await readyIs(api, 200);
    const tookMs = performance.now() - began;
    const role = String(await replica.ask('ROLE'));
    if (!role.startsWith('master')) throw new Error(`The replica is ${role}`);
    const books = await closeBooks({ answers: await loaded, postgres, products: [api, worker], allowed: [201] });
    return `${books}; ready again after ${(tookMs / 1_000).toFixed(1)} s`;
  },
};

export const cluster: Scenario = {
  name: 'cluster',
  title:
    'A Cluster, the slot moved under load, then its new master killed: submissions are taken, nothing accepted is lost, ready again',
  async run(stage) {
    const postgres = await Postgres.start(stage);
    const redis = await RedisCluster.start(stage);
    await stage.migrate(postgres.environment);
    const settings = { ...postgres.environment, ...redis.environment };
    const api = await stage.product('api', settings);
    const worker = await stage.product('worker,ticker', settings);
    const client = await Client.of(api);
    await readyIs(worker, 200);
    await recurring(client, 5, 1_000);
    const answers = await client.load(rate, seconds(3));

    const moved = client.load(rate, seconds(8));
    await redis.moveSlot('{punctual}', seconds(1.5));
    answers.push(...(await moved));
    const afterMove = await lateness(postgres);

    const failed = client.load(rate, seconds(12));
    await redis.killOwner('{punctual}');
    await redis.isWhole();
    answers.push(...(await failed));
    await readyIs(worker, 200);
    await readyIs(api, 200);
    await seconds(4);
    const afterFailover = await lateness(postgres);
    const books = await closeBooks({ answers, postgres, products: [api, worker], allowed: [201] });
    return `${books}; recurring runs late by at most ${afterMove} ms after the move, ${afterFailover} ms after the failover`;
  },
};

/** Ms by which the recurring runs that became due in the last three seconds started late at most. */
async function lateness(postgres: Postgres): Promise<number> {
  const [row] = await postgres.ask<{ late: number | null }>(
    `SELECT max(extract(epoch FROM coalesce(runs.execution_started_at, clock_timestamp()) - due_at) * 1000)::int AS late
     FROM runs JOIN jobs ON jobs.id = job_id WHERE jobs.type = 'recurring' AND due_at BETWEEN clock_timestamp() - interval '4 seconds' AND clock_timestamp() - interval '1 second'`,
    Postgres.role.database,
  );
  if (typeof row?.late !== 'number') throw new Error('No recurring run became due');
  return row.late;
}
