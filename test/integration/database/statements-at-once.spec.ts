import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SharedStatement } from '../../../src/database/statements/shared-statement.js';
import { TypeormTransactionRunner, queryIn } from '../../../src/database/typeorm-transaction-runner.js';
import type { Transaction } from '../../../src/kernel/transaction.js';
import { startPostgresGround } from '../../support/postgres-ground.js';

let postgres: Awaited<ReturnType<typeof startPostgresGround>>;
let transactions: TypeormTransactionRunner;

const write = (table: string) => `INSERT INTO ${table} SELECT n, $2 FROM unnest($1::integer[]) AS t (n) RETURNING n`;
const intoOne = new SharedStatement<{ n: number; word: string }>('into_one', {
  write: write('one'),
  answer: 'SELECT n, $3::text AS word FROM into_one WHERE n > $4',
});
const intoOther = new SharedStatement('into_other', {
  write: write('other'),
  refusal: ({ table }) => (table === 'other' ? new RangeError('other has it') : undefined),
});
/** Refuses, as a deadlock does, until it has been asked for the third time. */
const thirdTime = new SharedStatement<{ times: number }>('third_time', { answer: 'SELECT third_time() AS times' });

beforeAll(async () => {
  postgres = await startPostgresGround();
  transactions = new TypeormTransactionRunner(postgres.database);
  const { database } = postgres;
  for (const table of ['one', 'other'])
    await database.query(
      `CREATE TABLE ${table} (n integer PRIMARY KEY, word text, transaction xid8 DEFAULT pg_current_xact_id())`,
    );
  await database.query('CREATE SEQUENCE times');
  await database.query(
    `CREATE FUNCTION third_time() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN
       IF nextval('times') < 3 THEN RAISE EXCEPTION 'not yet' USING ERRCODE = '40P01'; END IF;
       RETURN currval('times'); END $$`,
  );
});
afterAll(() => postgres.stop());
beforeEach(() => postgres.database.query('TRUNCATE one, other'));

const rows = () =>
  postgres.database.query<{ at: string; n: number; word: string; transaction: string }[]>(
    `SELECT 'one' AS at, * FROM one UNION ALL SELECT 'other', * FROM other ORDER BY 1, 2`,
  );
const told = async () => (await rows()).map(({ at, n, word }) => `${at} ${n} ${word}`);
const one = (tx: Transaction, numbers: number[], above = 0) => queryIn(tx, intoOne, [numbers, 'a', 'b', above]);
const other = (tx: Transaction, numbers: number[]) => queryIn(tx, intoOther, [numbers, 'c']);

describe('what is sent at once', () => {
  it('is one transaction, and each statement has its own answer, the same as alone', async () => {
    const answers = await transactions.atOnce((tx) => Promise.all([other(tx, [7]), one(tx, [1, 2, 3], 1)]));
    expect(answers).toEqual([
      [],
      [
        { n: 2, word: 'b' },
        { n: 3, word: 'b' },
      ],
    ]);
    expect(await told()).toEqual(['one 1 a', 'one 2 a', 'one 3 a', 'other 7 c']);
    expect(new Set((await rows()).map(({ transaction }) => transaction)).size).toBe(1);
    expect(await transactions.run((tx) => one(tx, [4, 5], 4))).toEqual([{ n: 5, word: 'b' }]);
    expect(await transactions.atOnce((tx) => one(tx, [6]))).toEqual([{ n: 6, word: 'b' }]);
  });

  it('is there as a whole or not at all, and who sent it hears what the refusal means', async () => {
    await transactions.run((tx) => other(tx, [7]));
    const again = transactions.atOnce((tx) => Promise.all([one(tx, [1]), other(tx, [7])]));
    await expect(again).rejects.toThrow(new RangeError('other has it'));
    await expect(transactions.run((tx) => other(tx, [7]))).rejects.toThrow(new RangeError('other has it'));
    expect(await told()).toEqual(['other 7 c']);
    await expect(transactions.atOnce((tx) => one(tx, [1, 1]))).rejects.toMatchObject({ code: '23505' });
  });

  it('is not sent where the work fails before', async () => {
    const work = async (tx: Transaction) => {
      const written = one(tx, [1]);
      await Promise.resolve();
      throw new RangeError(`after all, not ${typeof written}`);
    };
    await expect(transactions.atOnce(work)).rejects.toThrow('after all');
    expect(await told()).toEqual([]);
  });

  it('refuses what comes too late, comes twice, or cannot be sent so', async () => {
    const late = transactions.atOnce(async (tx) => {
      await one(tx, [1]);
      await other(tx, [1]);
    });
    await expect(late).rejects.toThrow('into_other comes after');
    const twice = transactions.atOnce(async (tx) => Promise.all([one(tx, [2]), one(tx, [3])]));
    await expect(twice).rejects.toThrow('once only');
    const clock = transactions.atOnce((tx) => postgres.ground.jobs.now(tx));
    await expect(clock).rejects.toThrow('not opened by');
    expect(await told()).toEqual(['one 1 a']);
  });

  it('is sent again when PostgreSQL gave it up', async () => {
    let works = 0;
    const [, [answer]] = await transactions.atOnce((tx) => {
      works += 1;
      return Promise.all([one(tx, [1]), queryIn(tx, thirdTime, [])]);
    });
    expect([works, answer]).toEqual([3, { times: 3 }]);
    expect(await told()).toEqual(['one 1 a']);
  });

  it('may be nothing', async () => {
    expect(await transactions.atOnce(async () => 'nothing')).toBe('nothing');
  });

  it('that broke with its connection has the code of an outage, and is not sent again', async () => {
    const ending = new SharedStatement('ending', {
      answer: 'SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(5)',
    });
    const lost = transactions.atOnce((tx) => Promise.all([one(tx, [1]), queryIn(tx, ending, [])]));
    await expect(lost).rejects.toMatchObject({ code: expect.stringMatching(/^(57P01|ECONNRESET)$/) });
    expect(await told()).toEqual([]);
    expect(await transactions.atOnce((tx) => one(tx, [1]))).toHaveLength(1);
  });
});
