import type { Config } from '../../src/config/config.js';
import { connectTo } from './services.js';

/** The hands of one database's clock. */
export interface DatabaseClock {
  now(): Date;
  advance(ms: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Puts a clock that stands still in front of the database's own: functions that are found before those of `pg_catalog`. What the product decides by the database's clock can then be tested to the millisecond, without waiting.
 * Connections opened before do not see it.
 */
export async function stopDatabaseClock(config: Config, at: Date): Promise<DatabaseClock> {
  const client = await connectTo(config);
  await client.query(`
    CREATE SCHEMA test_clock;
    CREATE TABLE test_clock.hands (shown timestamptz NOT NULL);
    CREATE FUNCTION test_clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
      AS 'SELECT shown FROM test_clock.hands';
    CREATE FUNCTION test_clock.statement_timestamp() RETURNS timestamptz LANGUAGE sql STABLE
      AS 'SELECT shown FROM test_clock.hands';
    ALTER TABLE runs ALTER created_at SET DEFAULT test_clock.clock_timestamp();
    ALTER DATABASE ${config.database.database} SET search_path = test_clock, pg_catalog, public;`);
  await client.query('INSERT INTO test_clock.hands VALUES ($1)', [at]);
  let shown = at;
  return {
    now: () => shown,
    advance: async (ms) => {
      shown = new Date(shown.getTime() + ms);
      await client.query('UPDATE test_clock.hands SET shown = $1', [shown]);
    },
    close: () => client.end(),
  };
}
