import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import type pg from 'pg';
import supertest from 'supertest';
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

/** Delays its answer by the milliseconds that the path ends with: `/any/300`. */
const delayed = ({ path }: SinkCall, reply: ServerResponse): void => {
  setTimeout(() => reply.end('ok'), Number(path.split('/').at(-1)) || 0);
};

let redis: OwnRedis;
let services: Services;
let sink: Sink;
let database: pg.Client;
let api: ProductProcess;
let user: TestUser;
const workers: ProductProcess[] = [];

const environment = (roles: string) => ({ ...services.environment, ...quick, ROLES: roles });

async function aWorker(): Promise<ProductProcess> {
  const worker = await ProductProcess.start(environment('worker'));
  workers.push(worker);
  return worker;
}

beforeAll(async () => {
  redis = await OwnRedis.start();
});
afterAll(() => redis.remove());

beforeEach(async () => {
  services = await startServices(redis.settings);
  sink = await Sink.start(delayed);
  database = await connectTo(services.config());
  api = await ProductProcess.start(environment('api,ticker'));
  user = await aUser({ http: supertest(api.url) });
});
afterEach(async () => {
  await Promise.all([api, ...workers.splice(0)].map((one) => one.end('SIGKILL')));
  await database.end();
  await sink.stop();
  await services.drop();
});

/** @returns ids, in order */
async function submit(count: number, path: (index: number) => string, more: object = {}): Promise<string[]> {
  const jobs = Array.from({ length: count }, (_, index) => ({
    name: `job ${index}`,
    type: 'one_time',
    handler: 'http',
    payload: { url: `${sink.url}${path(index)}` },
    ...more,
  }));
  const { body } = await user.post('/jobs/bulk', { jobs }).expect(201);
  return body.data.map(({ id }: { id: string }) => id);
}

const states = async (): Promise<Record<string, number>> => {
  const { rows } = await database.query('SELECT state, count(*)::integer AS count FROM runs GROUP BY state');
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
};
const allEnded = (count: number) => eventually(states, (now) => now['succeeded'] === count, { withinMs: 20_000 });

describe('every run ends once, although', () => {
  it('a worker is killed with runs in flight: another takes over, and the lost attempts are on record', async () => {
    const victim = await aWorker();
    await submit(30, (index) => `/${index}/600`);
    await eventually(
      () => sink.calls.length,
      (calls) => calls >= 20,
    );
    await victim.end('SIGKILL');
    await aWorker();
    await allEnded(30);
    const { rows } = await database.query(
      `SELECT r.id, r.attempts, count(*) FILTER (WHERE e.status = 'lost')::integer AS lost,
              count(*) FILTER (WHERE e.status = 'succeeded')::integer AS succeeded
       FROM runs r JOIN executions e ON e.run_id = r.id GROUP BY r.id`,
    );
    for (const run of rows) {
      expect(run.succeeded).toBe(1);
      expect(run.attempts).toBe(run.lost + 1);
      const calls = sink.calls.filter(({ runId }) => runId === run.id);
      // The outside may have been called once more for each attempt that was lost, each time with a higher token.
      expect(calls.length).toBeLessThanOrEqual(run.attempts);
      expect(calls.map(({ leaseToken }) => leaseToken)).toEqual(
        [...new Set(calls.map((call) => call.leaseToken))].sort(),
      );
    }
    expect(rows.reduce((sum, { lost }) => sum + lost, 0)).toBeGreaterThan(0);
  });

  it('a worker is told to stop: what it cannot finish is handed back, and no attempt is burned', async () => {
    const leaving = await aWorker();
    await submit(10, (index) => `/${index}/${index < 5 ? 150 : 1_500}`);
    await eventually(
      () => sink.calls.length,
      (calls) => calls === 10,
    );
    const code = await leaving.end('SIGTERM');
    expect(code).toBe(0);
    const { rows } = await database.query(`SELECT count(*)::integer AS n FROM runs WHERE state = 'running'`);
    expect(rows[0].n).toBe(0);
    await aWorker();
    await allEnded(10);
    const { rows: runs } = await database.query('SELECT attempts FROM runs');
    expect(runs.map(({ attempts }) => attempts)).toEqual(Array(10).fill(1));
    const { rows: lost } = await database.query(
      `SELECT status, count(*)::integer AS n FROM executions GROUP BY 1 ORDER BY 1`,
    );
    expect(lost).toEqual([
      { status: 'released', n: 5 },
      { status: 'succeeded', n: 10 },
    ]);
  });

  it('Redis forgets everything while jobs wait', async () => {
    await aWorker();
    const scheduledAt = new Date(Date.now() + 1_500).toISOString();
    await submit(200, (index) => `/${index}/0`, { scheduledAt });
    await redis.stop();
    await redis.startAgain();
    await allEnded(200);
    expect(sink.calls).toHaveLength(200);
  });

  it('Redis is away: submissions are answered and jobs run, straight from PostgreSQL', async () => {
    await aWorker();
    await redis.stop();
    try {
      const before = Date.now();
      await submit(20, (index) => `/${index}/0`);
      expect(Date.now() - before).toBeLessThan(1_500);
      await allEnded(20);
      expect(sink.calls).toHaveLength(20);
    } finally {
      await redis.startAgain();
    }
    await submit(20, (index) => `/again/${index}/0`);
    await allEnded(40);
    expect(sink.calls).toHaveLength(40);
  });

  it('a worker sleeps past its lease and comes back: what it says is not counted', async () => {
    const sleeper = await aWorker();
    await submit(3, (index) => `/${index}/700`);
    await eventually(
      () => sink.calls.length,
      (calls) => calls === 3,
    );
    sleeper.signal('SIGSTOP');
    await aWorker();
    await allEnded(3);
    sleeper.signal('SIGCONT');
    await eventually(
      async () =>
        (await database.query(`SELECT count(*)::integer AS n FROM log_lines WHERE status = 'late'`)).rows[0].n,
      (late) => late === 3,
    );
    const { rows } = await database.query(
      'SELECT status, count(*)::integer AS n FROM executions GROUP BY 1 ORDER BY 1',
    );
    expect(rows).toEqual([
      { status: 'lost', n: 3 },
      { status: 'succeeded', n: 3 },
    ]);
  });

  it('everything is killed at once while jobs wait', async () => {
    const scheduledAt = new Date(Date.now() + 2_000).toISOString();
    const worker = await aWorker();
    await submit(100, (index) => `/${index}/0`, { scheduledAt });
    await Promise.all([api.end('SIGKILL'), worker.end('SIGKILL')]);
    api = await ProductProcess.start(environment('api,worker,ticker'));
    await allEnded(100);
    expect(sink.calls).toHaveLength(100);
    for (const { startedAt } of sink.calls)
      expect(startedAt).toBeGreaterThanOrEqual(new Date(scheduledAt).getTime() - 2);
  });
});
