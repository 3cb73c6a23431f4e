import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { QueryResultRow } from 'pg';
import { Config } from '../config/config.js';
import { tlsOptions } from '../config/ssl-settings.js';
import { dataSourceOptions } from './data-source-options.js';
import { CodedPool } from './pool.js';
import { sessionSettings } from './session.js';

const connections = 2;
/**
 * Shares of a lease. A statement is cancelled after the first, a connection that is silent even then is dead after the
 * second: two tries fit into the time for which a lease is trusted.
 */
const shares = { statement: 0.33, silence: 0.36 };

/**
 * Connections for what must get through when the pool is exhausted: renewing leases. They are opened when first asked for.
 */
@Injectable()
export class ReservedPool implements OnApplicationShutdown {
  private readonly pool: CodedPool;

  constructor(@Inject(Config) config: Config) {
    const logger = new Logger(ReservedPool.name);
    const { applicationName, ...options } = dataSourceOptions(config, []);
    const { host, port, username: user, password, database, ssl } = config.database;
    const patienceMs = Math.ceil(config.engine.leaseMs * shares.statement);
    this.pool = new CodedPool({
      ...(options.extra as object),
      ...{ host, port, user, password, database },
      ssl: tlsOptions(ssl, host) ?? false,
      application_name: `${applicationName} leases`,
      max: connections,
      connectionTimeoutMillis: patienceMs,
      session: sessionSettings(patienceMs),
      silenceMs: Math.ceil(config.engine.leaseMs * shares.silence),
    });
    // An idle connection that breaks is replaced by the next statement's.
    this.pool.on('error', (error) => logger.warn(error.message));
  }

  /**
   * One statement, committed when it resolves, tried a second time at once when it fails: its connection may be dead
   * while the database is well. It must bear being carried out twice.
   *
   * @returns its rows
   */
  async query<T extends QueryResultRow>(sql: string, values: unknown[]): Promise<T[]> {
    const ask = (): Promise<{ rows: T[] }> => this.pool.query<T>(sql, values);
    const { rows } = await ask().catch(ask);
    return rows;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }
}
