import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { newDataSource } from '../../../src/data-source.js';
import { poolOf } from '../../../src/database/pool.js';
import { ReservedPool } from '../../../src/database/reserved-pool.js';
import { SharedStatement } from '../../../src/database/statements/shared-statement.js';
import { TypeormTransactionRunner, queryIn } from '../../../src/database/typeorm-transaction-runner.js';
import { startServices } from '../../support/services.js';
import type { Services } from '../../support/services.js';

let services: Services;
let database: DataSource;

const open = async (): Promise<DataSource> => newDataSource(services.config({ DB_POOL_SIZE: '4' })).initialize();

beforeEach(async () => {
  services = await startServices();
  database = await open();
});
afterEach(async () => {
  await database.destroy();
  await services.drop();
});

const name = (): string => services.environment['DB_DATABASE']!;

describe('a session with PostgreSQL', () => {
  it.each([
    ['DateStyle', 'German'],
    ['DateStyle', 'SQL, DMY'],
    ['DateStyle', 'Postgres, MDY'],
    ['IntervalStyle', 'sql_standard'],
    ['TimeZone', 'America/St_Johns'],
    ['extra_float_digits', '-8'],
    ['bytea_output', 'escape'],
    ['standard_conforming_strings', 'off'],
    ['client_encoding', 'LATIN1'],
    ['default_transaction_isolation', 'serializable'],
  ])('has the formats that the product reads, also where %s is set to %s', async (setting, value) => {
    await database.query(`ALTER DATABASE ${name()} SET ${setting} = '${value}'`);
    const other = await open();
    try {
      const [row] = await other.query<[Record<string, unknown>]>(
        `SELECT '2030-03-31T01:30:00.123456Z'::timestamptz AS at, interval '25 hours 3 s' AS long, 0.1::float8 + 0.2 AS float,
                '\\x00ff'::bytea AS bytes, 'a\\b' AS text, 'äß€' AS word, current_setting('transaction_isolation') AS isolation,
                to_jsonb('2030-03-31T01:30:00Z'::timestamptz) AS json`,
      );
      expect(row).toEqual({
        ...{ at: new Date('2030-03-31T01:30:00.123Z'), float: 0.1 + 0.2, bytes: Buffer.from([0, 255]) },
        ...{ long: expect.objectContaining({ hours: 25, seconds: 3 }), text: 'a\\b', word: 'äß€' },
        ...{ isolation: 'read committed', json: '2030-03-31T01:30:00+00:00' },
      });
    } finally {
      await other.destroy();
    }
  });

  it('has its limits of time without asking for them at its start, which poolers drop', async () => {
    const limits = `SELECT current_setting('statement_timeout') AS statement, current_setting('random_page_cost') AS cost`;
    expect(await database.query(limits)).toEqual([{ statement: '15s', cost: '1.1' }]);
    const leases = new ReservedPool(services.config());
    expect(await leases.query(limits, [])).toEqual([{ statement: '3300ms', cost: '1.1' }]);
    await leases.onApplicationShutdown();
  });
});

describe('connections to a server that has become read-only', () => {
  const write = new SharedStatement<{ n: number }>('write_one', { write: 'INSERT INTO one VALUES ($1) RETURNING n' });
  const runner = (): TypeormTransactionRunner => new TypeormTransactionRunner(database);
  const ways: [string, (n: number) => Promise<unknown>][] = [
    ['statements at once', (n) => runner().atOnce((tx) => queryIn(tx, write, [n]))],
    ['a transaction', (n) => runner().run((tx) => queryIn(tx, write, [n]))],
  ];

  beforeEach(async () => {
    await database.query('CREATE TABLE one (n integer)');
    const clients = await Promise.all([1, 2, 3, 4].map(() => poolOf(database).connect()));
    // What a pool has after a failover: sessions of the old primary, and an address that leads to the new one.
    for (const client of clients) await client.query('SET default_transaction_read_only = on');
    for (const client of clients) client.release();
  });

  it.each(ways)('are given up, all of them, and %s is repeated on a new one', async (_, insert) => {
    await insert(1);
    await Promise.all([2, 3, 4, 5, 6].map(insert));
    expect(await database.query('SELECT count(*)::int AS n FROM one')).toEqual([{ n: 6 }]);
    const states = await Promise.all(
      [1, 2, 3, 4].map(() => database.query(`SELECT current_setting('transaction_read_only') AS state`)),
    );
    expect(states.flat()).toEqual(Array(4).fill({ state: 'off' }));
  });

  it('are refused with the code of it while there is no other server', async () => {
    await database.query(
      'SET transaction_read_only = off; ALTER DATABASE ' + name() + ' SET default_transaction_read_only = on',
    );
    for (const [, insert] of ways) await expect(insert(1)).rejects.toMatchObject({ driverError: { code: '25006' } });
  });
});
