import pg from 'pg';
import { DataSource } from 'typeorm';
import type { DataSourceOptions } from 'typeorm';
import type { Config } from '../config/config.js';
import { migrations } from './migrations/index.js';
import { CodedPool } from './pool.js';
import { entities } from './schema.js';

export type PostgresOptions = Extract<DataSourceOptions, { type: 'postgres' }>;

/** @param poolSize connections at most; default from the configuration */
export function dataSourceOptions(config: Config, poolSize = config.database.poolSize): PostgresOptions {
  const { host, port, username, password, database, statementTimeoutMs } = config.database;
  return {
    type: 'postgres',
    driver: { ...pg, Pool: CodedPool },
    host,
    port,
    username,
    password,
    database,
    entities,
    migrations,
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
    synchronize: false,
    applicationName: `punctual ${config.roles.join('+')}`,
    poolSize,
    connectTimeoutMS: 5_000,
    extra: {
      statement_timeout: statementTimeoutMs,
      idle_in_transaction_session_timeout: statementTimeoutMs,
    },
  };
}

export const newDataSource = (config: Config): DataSource => new DataSource(dataSourceOptions(config));
