import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { readConfig } from '../../src/config/config.js';
import type { Config } from '../../src/config/config.js';

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run this tier with npm run test:int or npm run test:e2e.`);
  return value;
}

/** Connection to the test server's own database, for creating and dropping others. */
const administrator = () => ({
  host: required('TEST_PG_HOST'),
  port: Number(required('TEST_PG_PORT')),
  user: required('TEST_PG_USERNAME'),
  password: process.env.TEST_PG_PASSWORD ?? '',
  database: 'postgres',
});

async function asAdministrator(statement: string): Promise<void> {
  const client = new pg.Client(administrator());
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** A database and a Redis prefix of a suite's own, and the environment that makes the product use them. */
export interface Services {
  environment: Record<string, string>;
  config(overrides?: Record<string, string>): Config;
  drop(): Promise<void>;
}

/** A connection of a test's own to the product's database; the test ends it. */
export async function connectTo({ database: to }: Config, more: pg.ClientConfig = {}): Promise<pg.Client> {
  const { host, port, username: user, password, database } = to;
  const client = new pg.Client({ host, port, user, password, database, ...more });
  await client.connect();
  return client;
}

/** Clones the migrated template: tens of milliseconds. @param settings by their environment names */
export async function startServices(settings: Record<string, string> = {}): Promise<Services> {
  const database = `t_${randomBytes(6).toString('hex')}`;
  await asAdministrator(`CREATE DATABASE ${database} TEMPLATE ${required('TEST_PG_TEMPLATE')}`);
  const { host, port, user, password } = administrator();
  const environment = {
    NODE_ENV: 'test',
    LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'error',
    DB_HOST: host,
    DB_PORT: String(port),
    DB_USERNAME: user,
    DB_PASSWORD: password,
    DB_DATABASE: database,
    REDIS_HOST: required('TEST_REDIS_HOST'),
    REDIS_PORT: required('TEST_REDIS_PORT'),
    REDIS_PREFIX: `{${database}}`,
    JWT_SECRET: randomBytes(32).toString('base64url'),
    SECRETS_KEYS: `1:${randomBytes(32).toString('base64')}`,
    BCRYPT_COST: '4',
    PORT: '0',
    HOST: '127.0.0.1',
    HTTP_JOBS_ALLOW_LOOPBACK: 'true',
    RETRY_DELAY_MS: '50',
    ...settings,
  };
  return {
    environment,
    config: (overrides = {}) => readConfig({ ...environment, ...overrides }),
    drop: () => asAdministrator(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`),
  };
}
