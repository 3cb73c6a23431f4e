import pg from 'pg';
import type { DataSourceOptions } from 'typeorm';
import type { Config } from '../config/config.js';
import { tlsOptions } from '../config/ssl-settings.js';
import { migrations } from './migrations/index.js';
import { CodedPool } from './pool.js';
import { sessionSettings } from './session.js';

/** Classes of tables. */
export type Entities = readonly (new () => object)[];
export type PostgresOptions = Extract<DataSourceOptions, { type: 'postgres' }>;

/** Silence on a connection, in ms, after which the kernel begins to ask whether the other end is still there. */
const keepAliveMs = 10_000;

/**
 * @param entities the tables that this connection knows: the program knows them all, this folder none
 * @param poolSize connections at most; default from the configuration
 * @param unhurried without limits of time, for commands whose statements may take as long as they need
 */
export function dataSourceOptions(
  config: Config,
  entities: Entities,
  poolSize = config.database.poolSize,
  unhurried = false,
): PostgresOptions {
  const { host, port, username, password, database, ssl } = config.database;
  const statementTimeoutMs = unhurried ? 0 : config.database.statementTimeoutMs;
  return {
    type: 'postgres',
    driver: { ...pg, Pool: CodedPool },
    host,
    port,
    username,
    password,
    database,
    // Without a word, pg would read PGSSLMODE.
    ssl: tlsOptions(ssl, host) ?? false,
    entities: [...entities],
    migrations,
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
    synchronize: false,
    applicationName: `punctual ${config.roles.join('+')}`,
    poolSize,
    connectTimeoutMS: 5_000,
    extra: {
      session: sessionSettings(statementTimeoutMs),
      silenceMs: unhurried ? 0 : config.database.silenceMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: keepAliveMs,
    },
  };
}
