import { eventually } from '../../support/eventually.js';
import type { ProductProcess } from '../../support/processes.js';
import { closeBooks, recurring } from '../books.js';
import { Client, readiness } from '../client.js';
import type { Answer } from '../client.js';
import { Postgres } from '../postgres.js';
import { RedisServer } from '../redis.js';
import type { Scenario } from '../scenario.js';
import { seconds } from '../seconds.js';

const operator = { password: 'root' };
const rate = 20;

const readyIs = (product: ProductProcess, wanted: number): Promise<Answer> =>
  eventually(
    () => readiness(product),
    ({ status }) => status === wanted,
    { withinMs: 20_000, everyMs: 100 },
  );

/** Breaks every connection but the operator's own. */
async function breakConnections(redis: RedisServer): Promise<void> {
  for (const type of ['pubsub', 'normal']) await redis.ask('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes');
}

/** What the guide tells operators to grant. */
const grants = ['~{punctual}:*', '&{punctual}:*', '+@all', '-@admin', '-@dangerous', '+info'];

export const aclUser: Scenario = {
  name: 'redis-acl',
  title:
    'A Redis user with the rights that the guide names: jobs run; its password taken away under way: no process ends',
  async run(stage) {
    const postgres = await Postgres.start(stage);
    const redis = await RedisServer.start(stage, { flags: ['--requirepass', operator.password], operator });
    await redis.ask('ACL', 'SETUSER', 'punctual', 'on', '>old', ...grants);
    await stage.migrate(postgres.environment);
    const settings = { ...postgres.environment, ...redis.environment, REDIS_USERNAME: 'punctual' };
    const product = await stage.product('api,worker,ticker', { ...settings, REDIS_PASSWORD: 'old' });
    const client = await Client.of(product);
    await recurring(client, 2, 1_000);
    const answers = await client.load(rate, seconds(2));
    await readyIs(product, 200);
    const denied = await redis.ask('ACL', 'LOG');
    if (Array.isArray(denied) && denied.length > 0) throw new Error(`Denied: ${JSON.stringify(denied)}`);

    await redis.ask('ACL', 'SETUSER', 'punctual', 'resetpass', '>new');
    await breakConnections(redis);
    answers.push(...(await client.load(rate, seconds(4))));
    await readyIs(product, 503);
    const successor = await stage.product('api,worker,ticker', { ...settings, REDIS_PASSWORD: 'new' });
    await readyIs(successor, 200);
    answers.push(...(await client.load(rate, seconds(2))));
    return closeBooks({ answers, postgres, products: [product, successor], allowed: [201] });
  },
};

export const passwordChanged: Scenario = {
  name: 'redis-password',
  title:
    'The password of Redis changes under running processes, and one starts with the wrong one: all live, and heal when it is right again',
  async run(stage) {
    const postgres = await Postgres.start(stage);
    const redis = await RedisServer.start(stage, { flags: ['--requirepass', operator.password], operator });
    await stage.migrate(postgres.environment);
    const settings = { ...postgres.environment, ...redis.environment, REDIS_PASSWORD: operator.password };
    const products = [await stage.product('api', settings), await stage.product('worker,ticker', settings)];
    const [api, worker] = products as [ProductProcess, ProductProcess];
    const client = await Client.of(api);
    await recurring(client, 2, 1_000);
    const answers = await client.load(rate, seconds(2));

    await redis.ask('CONFIG', 'SET', 'requirepass', 'other');
    redis.operator = { password: 'other' };
    await breakConnections(redis);
    answers.push(...(await client.load(rate, seconds(5))));
    for (const product of products) await readyIs(product, 503);
    const wrong = await stage.product('api,worker,ticker', settings);
    await readyIs(wrong, 503);
    answers.push(...(await client.load(rate, seconds(2))));

    await redis.ask('CONFIG', 'SET', 'requirepass', operator.password);
    redis.operator = operator;
    for (const product of [...products, wrong]) await readyIs(product, 200);
    answers.push(...(await client.load(rate, seconds(2))));
    return closeBooks({ answers, postgres, products: [api, worker, wrong], allowed: [201] });
  },
};

/** Makes Redis refuse to write; and takes it back. */
const unwritable: { name: string; title: string; refuse: string[][]; allow: string[][] }[] = [
  {
    name: 'redis-full',
    title: 'Redis is full',
    refuse: [['CONFIG', 'SET', 'maxmemory', '1']],
    allow: [['CONFIG', 'SET', 'maxmemory', '0']],
  },
  {
    name: 'redis-read-only',
    title: 'Redis has become a replica, which takes no writes',
    // A master that nobody is: it stays read-only and keeps what it has.
    refuse: [['REPLICAOF', '127.0.0.1', '1']],
    allow: [['REPLICAOF', 'NO', 'ONE']],
  },
];

export const unwritableRedis: Scenario[] = unwritable.map(({ name, title, refuse, allow }) => ({
  name,
  title: `${title}: ready says so, submissions are taken, and jobs run from PostgreSQL`,
  async run(stage) {
    const postgres = await Postgres.start(stage);
    const redis = await RedisServer.start(stage);
    await stage.migrate(postgres.environment);
    const product = await stage.product('api,worker,ticker', { ...postgres.environment, ...redis.environment });
    const client = await Client.of(product);
    await recurring(client, 2, 1_000);
    const answers = await client.load(rate, seconds(2));
    await readyIs(product, 200);
    for (const command of refuse) await redis.ask(...command);
    const loaded = client.load(rate, seconds(6));
    await readyIs(product, 503);
    answers.push(...(await loaded));
    const before = performance.now();
    await client.complete('while it refuses');
    const tookMs = performance.now() - before;
    for (const command of allow) await redis.ask(...command);
    await readyIs(product, 200);
    answers.push(...(await client.load(rate, seconds(2))));
    const books = await closeBooks({ answers, postgres, products: [product], allowed: [201] });
    return `${books}; a job takes ${(tookMs / 1_000).toFixed(1)} s meanwhile`;
  },
}));
