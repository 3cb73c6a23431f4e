import pg from 'pg';
import { DataSource } from 'typeorm';
import type { DataSourceOptions } from 'typeorm';
import type { Config } from '../config/config.js';
import { tlsOptions } from '../config/ssl-settings.js';
import { migrations } from './migrations/index.js';
import { CodedPool } from './pool.js';
import { entities } from '../entities.js';
import { sessionSettings } from './session.js';

export type PostgresOptions = Extract<DataSourceOptions, { type: 'postgres' }>;

/** Silence on a connection, in ms, after which the kernel begins to ask whether the other end is still there. */
const keepAliveMs = 10_000;

/**
 * @param poolSize connections at most; default from the configuration
 * @param unhurried without limits of time, for commands whose statements may take as long as they need
 */
export function dataSourceOptions(
  config: Config,
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
    entities,
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

export const newDataSource = (config: Config): DataSource => new DataSource(dataSourceOptions(config));

/** For commands such as migrations and audits, which nobody waits for with a clock in hand. */
export const unhurriedDataSource = (config: Config): DataSource =>
  new DataSource(dataSourceOptions(config, config.database.poolSize, true));
