import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { startApp } from '../support/app.js';
import type { TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { ProductProcess } from '../support/processes.js';
import { Sink } from '../support/sink.js';
import { aUser } from '../support/user.js';
import type { TestUser } from '../support/user.js';

const scrape = async (url: string): Promise<string> => {
  const answer = await supertest(url).get('/metrics').expect(200);
  expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
  return answer.text;
};
const valueOf = (text: string, series: string): number =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.split(' ')[1],
  );
const seriesOf = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('scheduler_'))
    .map((line) => line.replace(/ [^ ]+$/, ''))
    .sort();

describe('GET /metrics after real runs', () => {
  let app: TestApp;
  let user: TestUser;
  let sink: Sink;

  beforeAll(async () => {
    app = await startApp();
    user = await aUser(app);
    sink = await Sink.start(({ path }, reply) => {
      reply.statusCode = path === '/bad' ? 400 : 200;
      reply.end('ok');
    });
  });
  afterAll(async () => {
    await app.stop();
    await sink.stop();
  });

  const submit = (path: string, more: object = {}) =>
    user
      .post('/jobs', { name: path, type: 'one_time', handler: 'http', payload: { url: sink.url + path }, ...more })
      .expect(201);
  const until = (series: string, count: number) =>
    eventually(
      () => scrape(app.url),
      (text) => valueOf(text, series) === count,
    );

  it('counts them by state, trigger and outcome, and measures them', async () => {
    for (let index = 0; index < 3; index += 1) await submit(`/good/${index}`);
    await submit('/bad', { maxRetries: 0 });
    const recurring = await user
      .post('/jobs', { name: 'hourly', type: 'recurring', intervalMs: 3_600_000 })
      .expect(201);
    await user.post(`/jobs/${recurring.body.id}/trigger`, {}).expect(201);
    await until('scheduler_runs_total{state="succeeded",trigger="schedule"}', 3);
    await until('scheduler_runs_total{state="succeeded",trigger="manual"}', 1);
    const text = await until('scheduler_runs_total{state="failed",trigger="schedule"}', 1);
    expect(valueOf(text, 'scheduler_attempts_total{outcome="succeeded"}')).toBe(4);
    expect(valueOf(text, 'scheduler_attempts_total{outcome="failed"}')).toBe(1);
    for (const histogram of ['lateness', 'queue_wait', 'run_duration'])
      expect([histogram, valueOf(text, `scheduler_${histogram}_seconds_count`)]).toEqual([histogram, 5]);
    expect(valueOf(text, 'scheduler_lateness_seconds_bucket{le="60"}')).toBe(5);
    expect(valueOf(text, 'scheduler_rings_total')).toBeGreaterThanOrEqual(5);
    expect(valueOf(text, 'scheduler_database_up')).toBe(1);
    expect(valueOf(text, 'scheduler_pool_size')).toBe(app.config.database.poolSize);
    for (const zero of ['missing_times', 'audit_violations', 'abandoned_handlers', 'pool_waiting', 'fenced_total'])
      expect([zero, valueOf(text, `scheduler_${zero}`)]).toEqual([zero, 0]);
  });

  it('gets no further series from further jobs and users, and names none of them', async () => {
    const before = seriesOf(await scrape(app.url));
    const other = await aUser(app);
    await other.post('/jobs', { name: 'theirs', type: 'one_time', handler: 'log', payload: {} }).expect(201);
    for (let index = 0; index < 5; index += 1) await submit(`/more/${index}`);
    const text = await until('scheduler_runs_total{state="succeeded",trigger="schedule"}', 9);
    expect(seriesOf(text)).toEqual(before);
    expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-7|theirs|127\.0\.0\.1|@/);
  });

  it('shows what is overdue', async () => {
    await until('scheduler_overdue_runs', 0);
    await submit('/later', { scheduledAt: new Date(Date.now() + 3_600_000).toISOString() });
    // Behind the product's back, and with no doorbell owed: nobody looks after it.
    await app.database.query(
      `UPDATE runs SET due_at = now() - interval '2 minutes', ring_at = now() + interval '30 minutes' WHERE ended_at IS NULL
         AND job_id = (SELECT id FROM jobs WHERE name = '/later')`,
    );
    await app.database.query(`UPDATE jobs SET status = 'cancelled' WHERE name = '/later'`);
    const text = await until('scheduler_overdue_runs', 1);
    expect(valueOf(text, 'scheduler_oldest_overdue_age_seconds')).toBeGreaterThan(110);
  });
});

describe('METRICS_TOKEN', () => {
  it('that is not set lets nobody read in production', async () => {
    const app = await startApp({ NODE_ENV: 'production' });
    try {
      expect((await app.http.get('/metrics').expect(401)).body).toMatchObject({ code: 'METRICS_TOKEN_NEEDED' });
      await app.http.get('/health/ready').expect(200);
    } finally {
      await app.stop();
    }
  });

  it('is asked for where it is set, as a bearer token', async () => {
    const app = await startApp({ METRICS_TOKEN: 'a token for Prometheus' });
    const { body } = await app.http.get('/metrics').expect(401);
    expect(body).toMatchObject({ code: 'METRICS_TOKEN_NEEDED' });
    for (const wrong of [
      'Bearer a token for Prometheu',
      'Bearer a token for Prometheus!',
      'a token for Prometheus',
      '',
    ])
      await app.http.get('/metrics').set('authorization', wrong).expect(401);
    const { text } = await app.http.get('/metrics').set('authorization', 'Bearer a token for Prometheus').expect(200);
    expect(text).toContain('scheduler_runs_total');
    // A person's own token does not open it.
    const user = await aUser(app);
    await user.get('/metrics').expect(401);
    await app.stop();
  });
});

describe('each role alone', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp({ ROLES: 'api' });
  });
  afterAll(() => app.stop());

  it.each(['api', 'worker', 'ticker', 'worker,ticker'])('%s answers for its health and its metrics', async (roles) => {
    const one = await ProductProcess.start({ ...app.environment, ROLES: roles });
    try {
      await supertest(one.url).get('/health/live').expect(200);
      const ready = await eventually(
        () => supertest(one.url).get('/health/ready'),
        ({ status }) => status === 200,
      );
      const names = ready.body.checks.map(({ name }: { name: string }) => name);
      for (const part of ['postgresql', 'migrations', 'redis', 'queue', 'schedules', 'audit', 'memory-policy'])
        expect(names).toContain(part);
      const text = await scrape(one.url);
      expect(valueOf(text, 'scheduler_database_up')).toBe(1);
      expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
      await supertest(one.url)
        .get('/jobs')
        .expect(roles === 'api' ? 401 : 404);
    } finally {
      expect(await one.end()).toBe(0);
    }
  });
});
