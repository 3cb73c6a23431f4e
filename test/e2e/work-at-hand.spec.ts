import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import supertest from 'supertest';
import { TcpProxy } from '../faults/tcp-proxy.js';
import { eventually } from '../support/eventually.js';
import { OwnRedis } from '../support/own-redis.js';
import { ProductProcess } from '../support/processes.js';
import { connectTo, startServices } from '../support/services.js';
import type { Services } from '../support/services.js';
import { Sink } from '../support/sink.js';
import type { SinkCall } from '../support/sink.js';
import { aUser } from '../support/user.js';
import type { TestUser } from '../support/user.js';

const quick = { LEASE_MS: '1500', RECOVERY_INTERVAL_MS: '200', RING_AGAIN_AFTER_MS: '1000', STOP_GRACE_MS: '400' };
/** So late that a run which starts within a test was not rung for again. */
const never = { RING_AGAIN_AFTER_MS: '600000' };

/** Calls to paths that end with `/held`: answered when a test says so. */
const held: ServerResponse[] = [];

/** Delays its answer by the milliseconds that the path ends with: `/any/300`. */
const delayed = ({ path }: SinkCall, reply: ServerResponse): void => {
  if (path.endsWith('/held')) held.push(reply);
  else setTimeout(() => reply.end('ok'), Number(path.split('/').at(-1)) || 0);
};

let redis: OwnRedis;
let services: Services;
let sink: Sink;
let database: pg.Client;
/** In front of PostgreSQL. */
let proxy: TcpProxy;
let user: TestUser;
const processes: ProductProcess[] = [];

async function aProcess(roles: string, settings: Record<string, string> = {}): Promise<ProductProcess> {
  const started = await ProductProcess.start({ ...services.environment, ...quick, ROLES: roles, ...settings });
  processes.push(started);
  return started;
}

beforeAll(async () => {
  redis = await OwnRedis.start();
});
afterAll(() => redis.remove());

beforeEach(async () => {
  services = await startServices(redis.settings);
  sink = await Sink.start(delayed);
  proxy = await TcpProxy.start({ port: Number(services.environment['DB_PORT']) });
  database = await connectTo(services.config());
});
afterEach(async () => {
  await Promise.all(processes.splice(0).map((one) => one.end('SIGKILL')));
  await database.end();
  await proxy.stop();
  await sink.stop();
  await services.drop();
});

const jobFor = (path: string) => ({
  ...{ name: path, type: 'one_time', handler: 'http', payload: { url: `${sink.url}${path}` } },
});

/** Submits a job that is due at once. @returns its id */
async function submit(path: string): Promise<string> {
  const { body } = await user.post('/jobs', jobFor(path)).expect(201);
  return body.id;
}

/** A process that reaches PostgreSQL through a proxy. */
async function aProcessBehind(proxy: TcpProxy, settings: Record<string, string> = {}): Promise<ProductProcess> {
  return aProcess('api,worker,ticker', { ...never, DB_HOST: '127.0.0.1', DB_PORT: String(proxy.port), ...settings });
}

const attempts = async () =>
  (await database.query('SELECT status, attempt_number AS number FROM executions ORDER BY lease_token')).rows;

const called = (count: number, withinMs?: number) =>
  eventually(
    () => sink.calls.length,
    (calls) => calls >= count,
    withinMs === undefined ? {} : { withinMs },
  );
const ended = (count: number) =>
  eventually(
    async () => (await database.query(`SELECT state, attempts FROM runs WHERE ended_at IS NOT NULL`)).rows,
    (runs) => runs.length === count,
    { withinMs: 20_000 },
  );
const once = (count: number) => Array(count).fill({ state: 'succeeded', attempts: 1 });

/** Makes every claim wait until `free` is called: it holds a lock that a trigger on the runs asks for. */
async function holdUpClaims(): Promise<{ waiting: () => Promise<number[]>; free: () => Promise<void> }> {
  await database.query(`
    CREATE FUNCTION wait_for_the_test() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_advisory_xact_lock_shared(4711); RETURN NEW; END $$;
    CREATE TRIGGER wait_for_the_test BEFORE UPDATE ON runs FOR EACH ROW
      WHEN (NEW.state = 'running' AND OLD.state = 'scheduled') EXECUTE FUNCTION wait_for_the_test();
    SELECT pg_advisory_lock(4711);`);
  return {
    waiting: async () =>
      (
        await database.query<{ pid: number }>(
          `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
        )
      ).rows.map(({ pid }) => pid),
    free: async () => {
      await database.query('SELECT pg_advisory_unlock(4711)');
    },
  };
}

describe('a process that takes a job in and works', () => {
  it('starts it without Redis', async () => {
    const all = await aProcess('api,worker,ticker', never);
    user = await aUser({ http: supertest(all.url) });
    await redis.stop();
    try {
      await submit('/0');
      // Long before it would look after what nobody came for, and before it takes Redis for silent.
      await called(1, 1_000);
      expect(await ended(1)).toEqual(once(1));
    } finally {
      await redis.startAgain();
    }
  });

  it('leaves what finds no place to another', async () => {
    const all = await aProcess('api,worker,ticker', { ...never, WORKER_CONCURRENCY: '1' });
    user = await aUser({ http: supertest(all.url) });
    await submit('/first/held');
    await called(1);
    await aProcess('worker', never);
    for (const path of ['/second/0', '/third/0']) await submit(path);
    expect(await ended(2)).toEqual(once(2));
    for (const reply of held.splice(0)) reply.end('ok');
    expect(await ended(3)).toEqual(once(3));
    expect(sink.calls).toHaveLength(3);
  });

  it('dies between the commit and the claim: the run is rung for again, and runs once', async () => {
    const victim = await aProcess('api,worker,ticker');
    user = await aUser({ http: supertest(victim.url) });
    const claims = await holdUpClaims();
    // With a key it is committed in a transaction of its own, and claimed after that.
    await user.post('/jobs', jobFor('/0')).set('idempotency-key', 'one').expect(201);
    const waiting = await eventually(claims.waiting, (pids) => pids.length > 0);
    await victim.end('SIGKILL');
    // PostgreSQL would else carry out what it was asked for, though nobody waits for the answer.
    for (const pid of waiting) await database.query('SELECT pg_terminate_backend($1)', [pid]);
    await eventually(claims.waiting, (pids) => pids.length === 0);
    await claims.free();
    const { rows } = await database.query('SELECT state, rings FROM runs');
    expect(rows).toEqual([{ state: 'scheduled', rings: 1 }]);
    await aProcess('worker,ticker');
    expect(await ended(1)).toEqual(once(1));
    expect(sink.calls).toHaveLength(1);
  });

  it('dies between the commit and the start: the attempt is lost with its lease, and the run runs once', async () => {
    const victim = await aProcessBehind(proxy);
    user = await aUser({ http: supertest(victim.url) });
    const isHeard = (request: Buffer): boolean => {
      if (request.includes('/lost/0')) proxy.fault = { dead: true };
      return false;
    };
    proxy.fault = { loseAnswerTo: isHeard };
    const answer = user.post('/jobs', jobFor('/lost/0')).then(
      ({ status }) => status,
      () => 0,
    );
    const { rows } = await eventually(
      () => database.query('SELECT state, attempts, lease_token, worker_id FROM runs'),
      ({ rowCount }) => rowCount === 1,
    );
    expect(rows).toEqual([
      { state: 'running', attempts: 1, lease_token: '1', worker_id: expect.stringContaining(`:${victim.pid}:`) },
    ]);
    await victim.end('SIGKILL');
    proxy.heal();
    expect(await answer).toBe(0);
    expect(sink.calls).toEqual([]);
    await aProcess('worker,ticker');
    expect(await ended(1)).toEqual([{ state: 'succeeded', attempts: 2 }]);
    expect(sink.calls).toHaveLength(1);
    expect(await attempts()).toEqual([
      { status: 'lost', number: 1 },
      { status: 'succeeded', number: 2 },
    ]);
  });

  it('does not hear that its job was committed: hands it back and starts it long before the lease is over', async () => {
    const all = await aProcessBehind(proxy, { LEASE_MS: '120000' });
    user = await aUser({ http: supertest(all.url) });
    proxy.fault = { loseAnswerTo: (request) => request.includes('/unheard/0') };
    const { status } = await user.post('/jobs', jobFor('/unheard/0'));
    expect(status).toBeGreaterThanOrEqual(500);
    await called(1, 5_000);
    expect(await ended(1)).toEqual(once(1));
    expect(sink.calls).toHaveLength(1);
    expect(await attempts()).toEqual([
      { status: 'released', number: 1 },
      { status: 'succeeded', number: 1 },
    ]);
    // The place is free again.
    await submit('/after/0');
    expect(await ended(2)).toEqual(once(2));
  });

  it('gives its places back where the database never heard of the jobs', async () => {
    const all = await aProcessBehind(proxy, { WORKER_CONCURRENCY: '1' });
    user = await aUser({ http: supertest(all.url) });
    proxy.fault = { loseRequest: (request) => request.includes('/unsaid/0') };
    for (let time = 0; time < 3; time += 1) {
      const { status } = await user.post('/jobs', jobFor('/unsaid/0'));
      expect(status).toBeGreaterThanOrEqual(500);
    }
    await submit('/said/0');
    expect(await ended(1)).toEqual(once(1));
    expect(sink.calls).toHaveLength(1);
  });

  it('starts nothing before it is due by the clock of the database', async () => {
    const all = await aProcess('api,worker,ticker', never);
    user = await aUser({ http: supertest(all.url) });
    const inMs = [1, 20, 50, 90, 110, 150];
    for (const [index, ms] of inMs.entries()) {
      const { rows } = await database.query(`SELECT clock_timestamp() + $1 * interval '1 ms' AS at`, [ms]);
      await user.post('/jobs', { ...jobFor(`/${index}/0`), scheduledAt: rows[0].at.toISOString() }).expect(201);
    }
    expect(await ended(inMs.length)).toEqual(once(inMs.length));
    const { rows } = await database.query('SELECT started_at - due_at AS late FROM runs WHERE started_at < due_at');
    expect(rows).toEqual([]);
  });

  it('cancels what it has just answered for: it has begun and is stopped, or never begins', async () => {
    const all = await aProcess('api,worker,ticker', never);
    user = await aUser({ http: supertest(all.url) });
    for (let time = 0; time < 5; time += 1) {
      const id = await submit(`/${time}/held`);
      await user.post(`/jobs/${id}/cancel`).expect(200);
      const begun = sink.calls.length;
      await eventually(
        async () => (await database.query('SELECT FROM runs WHERE job_id = $1 AND ended_at IS NULL', [id])).rowCount,
        (live) => live === 0,
      );
      expect(sink.calls).toHaveLength(begun);
      const { rows } = await database.query('SELECT state FROM runs WHERE job_id = $1', [id]);
      expect(rows).toEqual([{ state: 'cancelled' }]);
    }
  });

  it('is told to stop while jobs come in: each is started here, or by another at once; none twice', async () => {
    const leaving = await aProcess('api,worker,ticker', { ...never, WORKER_CONCURRENCY: '2' });
    user = await aUser({ http: supertest(leaving.url) });
    let taken = 0;
    let closed = false;
    const submitting = Promise.all(
      Array.from({ length: 8 }, async (_, sender) => {
        while (!closed) {
          const job = { type: 'one_time', handler: 'http', payload: { url: `${sink.url}/${sender}/30` } };
          const status = await user.post('/jobs', { name: `of ${sender}`, ...job }).then(
            (answer) => answer.status,
            () => 0,
          );
          if (status === 201) taken += 1;
          else closed = true;
        }
      }),
    );
    await called(20);
    const code = await leaving.end('SIGTERM');
    await submitting;
    expect(code).toBe(0);
    await aProcess('worker,ticker', never);
    const { rows } = await database.query('SELECT count(*)::integer AS n FROM runs');
    // A commit whose answer was lost with the connection is there too.
    expect(rows[0].n).toBeGreaterThanOrEqual(taken);
    expect(await ended(rows[0].n)).toEqual(once(rows[0].n));
    expect(new Set(sink.calls.map(({ runId }) => runId)).size).toBe(rows[0].n);
  });
});
