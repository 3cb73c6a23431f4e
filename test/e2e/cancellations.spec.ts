import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import type pg from 'pg';
import supertest from 'supertest';
import { eventually } from '../support/eventually.js';
import { OwnRedis } from '../support/own-redis.js';
import { ProductProcess } from '../support/processes.js';
import { connectTo, startServices } from '../support/services.js';
import type { Services } from '../support/services.js';
import { Sink } from '../support/sink.js';
import { aUser } from '../support/user.js';
import type { TestUser } from '../support/user.js';

interface Told {
  path: string;
  jobId: string;
  status: number;
  /** When the answer was there. */
  at: number;
}

const dueInMs = 2_000;
/** A call that left the worker before the answer may arrive this many ms after it. */
const travelMs = 50;

let redis: OwnRedis;
let services: Services;
let sink: Sink;
let database: pg.Client;
let api: ProductProcess;
let worker: ProductProcess;
let user: TestUser;

/** A product of its own for all tests of a `describe`. */
function withProduct(settings: Record<string, string> = {}): void {
  beforeAll(async () => {
    services = await startServices(redis.settings);
    sink = await Sink.start();
    database = await connectTo(services.config());
    const environment = { ...services.environment, ...settings };
    api = await ProductProcess.start({ ...environment, ROLES: 'api,ticker' });
    worker = await ProductProcess.start({ ...environment, ROLES: 'worker' });
    user = await aUser({ http: supertest(api.url) });
  });
  afterAll(async () => {
    worker.signal('SIGCONT');
    await Promise.all([api, worker].map((one) => one.end('SIGKILL')));
    await database.end();
    await sink.stop();
    await services.drop();
  });
}

beforeAll(async () => {
  redis = await OwnRedis.start();
});
afterAll(() => redis.remove());

async function jobs(paths: string[], due: (index: number) => number): Promise<string[]> {
  const { body } = await user
    .post('/jobs/bulk', {
      jobs: paths.map((path, index) => ({
        name: path,
        type: 'one_time',
        handler: 'http',
        scheduledAt: new Date(due(index)).toISOString(),
        payload: { url: `${sink.url}${path}` },
      })),
    })
    .expect(201);
  return body.data.map(({ id }: { id: string }) => id);
}

const aJob = async (path: string, due: number): Promise<string> => (await jobs([path], () => due))[0]!;

/** Jobs that come due one after the other, each told something at a moment of its own shortly before, or just after. */
async function tellMany(kind: string, count: number, tell: (jobId: string) => supertest.Test): Promise<Told[]> {
  const firstDue = Date.now() + dueInMs;
  const due = (index: number): number => firstDue + index * 40;
  const paths = Array.from({ length: count }, (_, index) => `/${kind}/${index}`);
  const ids = await jobs(paths, due);
  return Promise.all(
    ids.map(async (jobId, index): Promise<Told> => {
      // Spread evenly, and over again with each twentieth job: from 400 ms before it is due to 18 ms after.
      await sleep(due(index) - 400 + (index % 20) * 22 - Date.now());
      const { status } = await tell(jobId);
      return { path: paths[index]!, jobId, status, at: Date.now() };
    }),
  );
}

const nothingLives = () =>
  eventually(
    async () => (await database.query(`SELECT count(*)::integer AS n FROM runs WHERE ended_at IS NULL`)).rows[0].n,
    (live) => live === 0,
  );

async function runOf(jobId: string) {
  const { body } = await user.get(`/jobs/${jobId}/runs?to=9999-01-01T00:00:00Z`).expect(200);
  return body.data[0];
}

/** What was called although its owner had been told that nothing would be. */
const late = (told: Told[]): string[] =>
  told.flatMap(({ path, status, at }) =>
    sink
      .callsTo(path)
      .filter(({ startedAt }) => status < 300 && startedAt > at + travelMs)
      .map(({ startedAt }) => `${path}: called ${startedAt - at} ms after the answer`),
  );

/** Which channels of Redis anybody may use. */
async function allow(...rules: string[]): Promise<void> {
  const client = new Redis({ host: redis.host, port: redis.port });
  await client.call('ACL', 'SETUSER', 'default', ...rules);
  await client.quit();
}

describe('a job shortly before it is due', () => {
  withProduct({ CLAIM_AHEAD_MS: '400' });

  it('that is cancelled does not start once that has been answered, and had not started where no attempt is on record', async () => {
    const told = await tellMany('cancelled', 100, (id) => user.post(`/jobs/${id}/cancel`));
    await nothingLives();
    expect(late(told)).toEqual([]);
    for (const { jobId, path, status } of told) {
      const { state, attempts } = await runOf(jobId);
      const { body } = await user.get(`/jobs/${jobId}/executions`).expect(200);
      expect(body.meta.total).toBe(attempts);
      expect(sink.callsTo(path).length).toBeLessThanOrEqual(attempts);
      // What had begun may have ended before it could be stopped.
      if (status < 300 && attempts === 0) expect(state).toBe('cancelled');
      else expect(attempts).toBe(1);
    }
  });

  it.each<[string, (id: string) => supertest.Test]>([
    ['paused', (id) => user.post(`/jobs/${id}/pause`)],
    ['deleted', (id) => user.delete(`/jobs/${id}`)],
    ['rescheduled', (id) => user.post(`/jobs/${id}/reschedule`, { scheduledAt: '2099-01-01T00:00:00Z' })],
  ])('that is %s does not start once that has been answered', async (kind, tell) => {
    const told = await tellMany(kind, 60, tell);
    await eventually(
      async () => (await database.query(`SELECT count(*)::integer AS n FROM runs WHERE state = 'running'`)).rows[0].n,
      (live) => live === 0,
    );
    expect(told.filter(({ status }) => status !== 409 && status >= 300)).toEqual([]);
    expect(late(told)).toEqual([]);
  });
});

describe('a job whose run a worker holds', () => {
  withProduct({ CLAIM_AHEAD_MS: '1000' });

  const held = (id: string) =>
    eventually(
      () => runOf(id),
      ({ state }) => state === 'running',
    );

  it('and whose run is cancelled is told at once that it will not start: nobody waits for its time', async () => {
    const due = Date.now() + 3_000;
    const { id: runId } = await held(await aJob('/held', due));
    const { body } = await user.post(`/runs/${runId}/cancel`).expect(200);
    expect(Date.now()).toBeLessThan(due);
    expect(body).toMatchObject({ state: 'cancelled', reason: 'cancelled_by_user', attempts: 0, startedAt: null });
    await eventually(
      () => Date.now(),
      (now) => now > due + 200,
    );
    expect(sink.calls).toEqual([]);
  });

  it('does not start when it is cancelled while that worker is frozen, and the answer does not wait for its thaw', async () => {
    const id = await aJob('/frozen', Date.now() + dueInMs);
    await held(id);
    worker.signal('SIGSTOP');
    await user.post(`/jobs/${id}/cancel`).expect(200);
    expect((await runOf(id)).state).toBe('running');
    worker.signal('SIGCONT');
    await nothingLives();
    expect(sink.calls).toEqual([]);
    expect(await runOf(id)).toMatchObject({ state: 'cancelled', attempts: 0, startedAt: null });
  });
});

describe('a job that is cancelled while workers hear of nothing through Redis', () => {
  // Bull publishes by itself when a job is delayed: only the workers' calls are taken away.
  beforeAll(() => allow('resetchannels', '&*delayed*'));
  withProduct({ CLAIM_AHEAD_MS: '400' });
  afterAll(() => allow('allchannels'));

  it('does not start once that has been answered', async () => {
    const told = await tellMany('unheard', 40, (id) => user.post(`/jobs/${id}/cancel`));
    await nothingLives();
    expect(late(told)).toEqual([]);
  });
});
