import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp } from '../support/app.js';
import type { TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { inMs, submit } from '../support/jobs.js';
import { ProductProcess } from '../support/processes.js';
import { Sink } from '../support/sink.js';
import type { SinkCall } from '../support/sink.js';
import { aUser } from '../support/user.js';
import type { TestUser } from '../support/user.js';

/** A run that nobody came for is looked after when it has been due for 1.5 s: what starts sooner waited for nothing. */
const soonMs = 1_000;
const places = 20;
/** What a lone owner gets: all that is configured. What comes for others is beyond it. */
const share = places;
/** What an owner has at least beside a few small ones. */
const most = 15;

/** Calls that are never answered, by their paths. */
const silent = (call: SinkCall, reply: ServerResponse): void => {
  if (!call.path.startsWith('/silent')) reply.end('ok');
};

let app: TestApp;
let sink: Sink;
let other: TestUser;
let flooders = 0;
/** Ends what the flooders of a test have under way, also of one that failed: the next would find the places taken. */
const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  sink = await Sink.start(silent);
  app = await startApp({ WORKER_CONCURRENCY: String(places), HTTP_JOBS_ALLOW_LOOPBACK: 'true' });
  other = await aUser(app);
});
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});
afterAll(async () => {
  await app.stop();
  await sink.stop();
});

const silentJobs = (path: string, count: number, given: object = {}) =>
  Array.from({ length: count }, () => ({
    ...{ name: 'silent', type: 'one_time', handler: 'http', payload: { url: `${sink.url}${path}` } },
    ...{ timeoutMs: 15_000, maxRetries: 0, ...given },
  }));

/** Somebody whose jobs end with the test. */
async function aPassingOwner(): Promise<TestUser> {
  const user = await aUser(app);
  const end = async () => {
    await app.database.query(
      `UPDATE runs SET cancel_requested_at = now(), state = CASE state WHEN 'running' THEN state ELSE 'cancelled' END,
              ended_at = CASE state WHEN 'running' THEN NULL ELSE now() END
       WHERE job_id IN (SELECT id FROM jobs WHERE user_id = $1) AND ended_at IS NULL`,
      [user.id],
    );
    await eventually(
      async () =>
        app.database.query(
          `SELECT FROM runs WHERE job_id IN (SELECT id FROM jobs WHERE user_id = $1) AND ended_at IS NULL`,
          [user.id],
        ),
      (live: unknown[]) => live.length === 0,
      // What a killed process held is taken over when its lease has run out.
      { withinMs: 30_000 },
    );
  };
  ends.push(end);
  return user;
}

/** Whoever has `count` silent calls due, of which as many are under way as may be. */
async function aFlooder(
  count: number,
  given: object = {},
  { atLeast = most, who = aPassingOwner() }: { atLeast?: number; who?: Promise<TestUser> } = {},
): Promise<{ path: string }> {
  flooders += 1;
  const path = `/silent/${flooders}`;
  await (await who).post('/jobs/bulk', { jobs: silentJobs(path, count, given) }).expect(201);
  await eventually(
    () => sink.callsTo(path).length,
    (calls) => calls >= Math.min(count, atLeast),
  );
  return { path };
}

/** How late the job's first run has started, in ms after it was due, or after its job was taken in where that was later. */
async function lateness(jobId: string, way = ''): Promise<number> {
  const [run] = await eventually(
    () =>
      app.database.query<{ late: number }[]>(
        `SELECT (extract(epoch FROM r.started_at - greatest(r.due_at, j.created_at)) * 1000)::float8 AS late
         FROM runs r JOIN jobs j ON j.id = r.job_id
         WHERE r.job_id = $1 AND r.started_at IS NOT NULL ORDER BY r.nominal_at LIMIT 1`,
        [jobId],
      ),
    (rows) => rows.length > 0,
    { withinMs: 20_000 },
  ).catch(async (error: unknown) => {
    const rows: unknown = await app.database.query(
      'SELECT * FROM jobs j LEFT JOIN runs r ON r.job_id = j.id WHERE j.id = $1',
      [jobId],
    );
    throw new Error(`${way}: ${JSON.stringify(rows)}`, { cause: error });
  });
  return run!.late;
}

const log = { name: 'next', type: 'one_time', handler: 'log', payload: { message: 'here' } };
/** The ways that a run may come to a worker. */
const ways: [string, () => Promise<string>][] = [
  ['is born claimed', async () => (await submit(other, log)).id],
  [
    'is claimed in the process that took it in',
    async () => (await other.post('/jobs', log).set('idempotency-key', `k${flooders}`).expect(201)).body.id as string,
  ],
  ['is rung for', async () => (await submit(other, { ...log, scheduledAt: inMs(700) })).id],
  [
    'passes gates',
    async () => {
      // Should its first time pass before it is taken in, the next one comes soon.
      const job = { ...log, type: 'recurring', intervalMs: 1_000, maxRuns: 1, scheduledAt: inMs(700) };
      return (await submit(other, job)).id;
    },
  ],
  [
    'is asked for by hand',
    async () => {
      const { id } = await submit(other, { ...log, scheduledAt: inMs(3_600_000) });
      await other.post(`/jobs/${id}/trigger`).expect(201);
      return id;
    },
  ],
];

/** The ways by which runs start too late, with how late in ms. */
async function lateWays(some = ways): Promise<Record<string, number>> {
  const late = await Promise.all(some.map(async ([name, plan]) => [name, await lateness(await plan(), name)] as const));
  return Object.fromEntries(late.filter(([, ms]) => ms >= soonMs));
}

describe('many silent calls of one owner', () => {
  it('leave places to others, whatever way their runs come', async () => {
    const flooder = await aFlooder(100);
    await eventually(
      () => sink.callsTo(flooder.path).length,
      (calls) => calls >= share,
    );
    expect(await lateWays()).toEqual({});
    expect(sink.callsTo(flooder.path)).toHaveLength(share);
  });

  it('leave places to others when they come one by one by doorbells', async () => {
    const flooder = await aPassingOwner();
    const [silentJob] = silentJobs('/silent/bells', 1);
    const [scheduledAt, later] = [inMs(2_500), inMs(3_000)];
    // Submitted together, they would share doorbells.
    for (let rung = 0; rung < 3 * places; rung += 1) await submit(flooder, { ...silentJob, scheduledAt });
    const { id } = await submit(other, { ...log, scheduledAt: later });
    expect(await lateness(id)).toBeLessThan(soonMs);
  });

  it('leave places to others when they are tried again', async () => {
    const flooder = await aFlooder(40, { timeoutMs: 300, maxRetries: 50, retryDelayMs: 100 });
    const retries = () => sink.callsTo(flooder.path).filter(({ attempt }) => attempt > 1).length;
    await eventually(retries, (count) => count > 0);
    const before = retries();
    expect(await lateWays()).toEqual({});
    // They are not over: others would have had the places to themselves.
    await eventually(retries, (count) => count > before);
  });

  it('leave places to others although the owner had quick work before', async () => {
    const user = await aPassingOwner();
    await user.post('/jobs/bulk', { jobs: Array(200).fill(log) }).expect(201);
    await aFlooder(100, {}, { who: Promise.resolve(user) });
    expect(await lateness((await submit(other, { ...log, scheduledAt: inMs(300) })).id)).toBeLessThan(soonMs);
  });

  it('leave places to others when several owners make them', async () => {
    await Promise.all([aFlooder(60), aFlooder(1), aFlooder(1)]);
    await aFlooder(60, {}, { atLeast: 1 });
    expect(await lateWays(ways.slice(0, 2))).toEqual({});
  });

  it('leave places to others in each of several processes', async () => {
    const further = await ProductProcess.start({ ...app.environment, ROLES: 'worker', PORT: '0' });
    try {
      const flooder = await aFlooder(150);
      await eventually(
        () => sink.callsTo(flooder.path).length,
        (calls) => calls >= 2 * share,
      );
      expect(await lateWays()).toEqual({});
    } finally {
      await further.end('SIGKILL');
    }
  });
});

describe('600 silent calls of one owner, with 200 places, the default', () => {
  it('take all 200, and the next run of somebody else begins at its time', async () => {
    const process = await ProductProcess.start({
      ...app.environment,
      WORKER_CONCURRENCY: '200',
      ROLES: 'worker',
      PORT: '0',
    });
    try {
      const flooder = await aFlooder(600, {}, { atLeast: places + 200 });
      const late = await Promise.all(
        [0, 300, 600].map(async (ms) => lateness((await submit(other, { ...log, scheduledAt: inMs(ms) })).id)),
      );
      expect(Math.max(...late)).toBeLessThan(soonMs);
      expect(sink.callsTo(flooder.path)).toHaveLength(places + 200);
    } finally {
      await process.end('SIGKILL');
    }
  });
});
