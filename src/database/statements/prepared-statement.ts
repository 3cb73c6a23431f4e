import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { QueryFailedError } from 'typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';

/**
 * A statement of the hot path. Each connection has PostgreSQL read and plan it once: planning the settlement anew takes
 * longer than executing it for one run. TypeORM has no way to name a statement, so it goes to TypeORM's own pool directly.
 */
export class PreparedStatement<Row extends QueryResultRow> {
  /** @param name unique among all prepared statements, at most 63 bytes */
  constructor(
    readonly name: string,
    readonly text: string,
  ) {}

  /** Rejects with the driver's error, which has PostgreSQL's `code` where PostgreSQL refused. */
  async query(dataSource: DataSource, values: unknown[]): Promise<Row[]> {
    dataSource.logger.logQuery(this.text, values);
    const pool = (dataSource.driver as PostgresDriver).master as Pool;
    const { rows } = await pool.query<Row>({ name: this.name, text: this.text, values });
    return rows;
  }

  /** The same on the connection of an open transaction. Rejects as TypeORM does, so that a deadlock is seen as one. */
  async queryIn(manager: EntityManager, values: unknown[]): Promise<Row[]> {
    const runner = manager.queryRunner;
    if (!runner) throw new TypeError('This manager has no transaction open.');
    manager.dataSource.logger.logQuery(this.text, values, runner);
    const client = (await runner.connect()) as PoolClient;
    try {
      return (await client.query<Row>({ name: this.name, text: this.text, values })).rows;
    } catch (error) {
      throw new QueryFailedError(this.text, values, error as Error);
    }
  }
}
