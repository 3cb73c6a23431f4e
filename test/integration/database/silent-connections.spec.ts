import { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { newDataSource } from '../../../src/data-source.js';
import { ReservedPool } from '../../../src/database/reserved-pool.js';
import { SharedStatement } from '../../../src/database/statements/shared-statement.js';
import { TypeormTransactionRunner, queryIn } from '../../../src/database/typeorm-transaction-runner.js';
import { domainErrorOf } from '../../../src/http/problems/driver-errors.js';
import { TcpProxy } from '../../faults/tcp-proxy.js';
import { startServices } from '../../support/services.js';
import type { Services } from '../../support/services.js';

let services: Services;
let proxy: TcpProxy;
let database: DataSource;

const throughProxy = (more: Record<string, string> = {}) =>
  services.config({
    DB_PORT: String(proxy.port),
    DB_POOL_SIZE: '2',
    DB_STATEMENT_TIMEOUT_MS: '300',
    DB_SILENCE_MS: '400',
    ...more,
  });

beforeEach(async () => {
  services = await startServices();
  proxy = await TcpProxy.start({ port: Number(services.environment['DB_PORT']) });
  database = await newDataSource(throughProxy()).initialize();
});
afterEach(async () => {
  proxy.fault = {};
  await database.destroy();
  await proxy.stop();
  await services.drop();
});

/** The connection that sends next dies, and nobody is told; the others, and new ones, live. */
function killNextInSilence(): void {
  proxy.fault = {
    get dead() {
      proxy.fault = {};
      return true;
    },
  };
}

const backend = async (): Promise<number> =>
  (await database.query<[{ pid: number }]>('SELECT pg_backend_pid() AS pid'))[0].pid;
const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

describe('statements that are sent at once', () => {
  const answer = new SharedStatement<{ one: number }>('one', { answer: 'SELECT 1 AS one' });
  const ask = () => new TypeormTransactionRunner(database).atOnce((tx) => queryIn(tx, answer, []));

  it.each<[string, () => void, string]>([
    ['dies in silence', killNextInSilence, 'ETIMEDOUT'],
    ['breaks', () => void (proxy.fault = { loseAnswerTo: () => true }), 'ECONNRESET'],
  ])('fail as an outage does when their connection %s, and nothing else does', async (_, fail, code) => {
    expect(await ask()).toEqual([{ one: 1 }]);
    fail();
    // An error that nobody listens for would end the process.
    expect(await failureOf(ask())).toMatchObject({ driverError: { code } });
    proxy.fault = {};
    expect(await ask()).toEqual([{ one: 1 }]);
  });
});

describe('a connection to PostgreSQL that died in silence', () => {
  it('fails its statement as an outage does, and is replaced', async () => {
    const before = await backend();
    killNextInSilence();
    const failure = await failureOf(database.query('SELECT 1'));
    expect(failure).toMatchObject({ driverError: { code: 'ETIMEDOUT' } });
    expect(domainErrorOf(failure)).toMatchObject({ kind: 'unavailable' });
    expect(await backend()).not.toBe(before);
  });

  it('is found inside a transaction, which leaves nothing behind', async () => {
    await database.query('CREATE TABLE left_behind (id integer)');
    const failure = await failureOf(
      database.transaction(async (manager) => {
        await manager.query('INSERT INTO left_behind VALUES (1)');
        killNextInSilence();
        await manager.query('INSERT INTO left_behind VALUES (2)');
      }),
    );
    expect(domainErrorOf(failure)).toMatchObject({ kind: 'unavailable' });
    expect(await database.query('SELECT * FROM left_behind')).toEqual([]);
  });

  it('is one of many: when the network is whole again, the pool is', async () => {
    await Promise.all([backend(), backend()]);
    proxy.fault = { dead: true };
    const failures = await Promise.all(Array.from({ length: 2 }, () => failureOf(database.query('SELECT 1'))));
    for (const failure of failures) expect(domainErrorOf(failure)).toMatchObject({ kind: 'unavailable' });
    proxy.fault = {};
    const answers = Array.from({ length: 6 }, () => database.query('SELECT 1 AS one'));
    expect(await Promise.all(answers)).toEqual(Array(6).fill([{ one: 1 }]));
  });

  it('is not one that is idle, nor one whose statements are slow but within their limit', async () => {
    const idle = database.createQueryRunner();
    const pid = async () => ((await idle.query('SELECT pg_backend_pid() AS pid')) as [{ pid: number }])[0].pid;
    const before = await pid();
    for (let slept = 0; slept < 3; slept += 1) await database.query('SELECT pg_sleep(0.2)');
    expect(await pid()).toBe(before);
    await idle.release();
  });

  it('is asked by the kernel whether it lives, also while nobody uses it', async () => {
    const asked = jest.spyOn(Socket.prototype, 'setKeepAlive');
    const other = await newDataSource(throughProxy()).initialize();
    expect(asked).toHaveBeenCalledWith(true, 10_000);
    await other.destroy();
    asked.mockRestore();
  });
});

describe('the reserved connections', () => {
  it('answer although one of them has died in silence, before a lease is in doubt', async () => {
    const reserved = new ReservedPool(throughProxy({ LEASE_MS: '2000' }));
    await reserved.query('SELECT 1', []);
    killNextInSilence();
    const startMs = performance.now();
    expect(await reserved.query('SELECT 2 AS two', [])).toEqual([{ two: 2 }]);
    const tookMs = performance.now() - startMs;
    expect(tookMs).toBeGreaterThan(600);
    // A worker trusts its leases for 80 % of their life.
    expect(tookMs).toBeLessThan(1_600);
    await reserved.onApplicationShutdown();
  });

  it('answer while the pool is exhausted', async () => {
    const reserved = new ReservedPool(throughProxy());
    const slow = Array.from({ length: 2 }, () => failureOf(database.query('SELECT pg_sleep(10)')));
    const third = failureOf(database.query('SELECT 1')).then(() => 'third');
    const first = reserved.query('SELECT 1', []).then(() => 'reserved');
    expect(await Promise.race([third, first])).toBe('reserved');
    await Promise.all([...slow, third]);
    await reserved.onApplicationShutdown();
  });
});
