import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp } from '../support/app.js';
import type { TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { Sink } from '../support/sink.js';
import { aUser } from '../support/user.js';
import type { TestUser } from '../support/user.js';

let app: TestApp;
let user: TestUser;

beforeAll(async () => {
  app = await startApp({ BACKFILL_IN_FLIGHT: '4' });
  user = await aUser(app);
});
afterAll(() => app.stop());

const hourly = { name: 'hourly', type: 'recurring', cron: '0 * * * *' };
const submitted = async (body: object) => (await user.post('/jobs', { ...hourly, ...body }).expect(201)).body;
const get = async (path: string) => (await user.get(path).expect(200)).body;
const backfilled = async (id: string): Promise<Record<string, string>[]> =>
  (await get(`/jobs/${id}/runs?limit=100&to=9999-01-01T00:00:00Z`)).data.filter(
    ({ trigger }: { trigger: string }) => trigger === 'backfill',
  );
const ended = (id: string) =>
  eventually(
    () => get(`/backfills/${id}`),
    ({ state }) => state !== 'running',
    { withinMs: 30_000 },
  );

describe('a backfill', () => {
  it('runs every nominal time of [from, to) once and says how far it is', async () => {
    const { id } = await submitted({ excludeDates: ['2025-01-02'] });
    const range = { from: '2025-01-01T12:00:00Z', to: '2025-01-03T01:00:00Z' };
    const started = (await user.post(`/jobs/${id}/backfill`, range).expect(201)).body;
    expect(started).toMatchObject({ jobId: id, state: 'running', overlapPolicy: 'buffer_all', total: 13, created: 0 });
    expect(started.progress).toBe(0);
    const done = await ended(started.id);
    expect(done).toMatchObject({ state: 'completed', total: 13, created: 13, succeeded: 13, failed: 0, progress: 1 });
    const times = (await backfilled(id)).map(({ nominalAt }) => nominalAt ?? '').sort();
    expect(times).toHaveLength(13);
    expect([times[0], times.at(-2), times.at(-1)]).toEqual([
      '2025-01-01T12:00:00.000Z',
      '2025-01-01T23:00:00.000Z',
      '2025-01-03T00:00:00.000Z',
    ]);
    expect((await get(`/jobs/${id}/backfills`)).data.map((one: { id: string }) => one.id)).toEqual([started.id]);
    const again = (await user.post(`/jobs/${id}/backfill`, range).expect(422)).body;
    expect(again.code).toBe('NOTHING_TO_BACKFILL');
    const wider = { ...range, to: '2025-01-03T03:00:00Z' };
    const { id: second, total } = (await user.post(`/jobs/${id}/backfill`, wider).expect(201)).body;
    expect(total).toBe(2);
    expect(await ended(second)).toMatchObject({ state: 'completed', succeeded: 2, progress: 1 });
    expect(await get(`/backfills/${started.id}`)).toMatchObject({ created: 13, succeeded: 13 });
  });

  it('goes one after the other, or a few at once with allow_all, and never costs the job a run of its own', async () => {
    const sink = await Sink.start((_call, reply) => void setTimeout(() => reply.end('ok'), 150));
    const body = { handler: 'http', payload: { url: `${sink.url}/` } };
    const atOnce = () => {
      const of = (at: number) => sink.calls.filter((c) => c.startedAt <= at && (c.endedAt ?? Infinity) > at).length;
      return Math.max(...sink.calls.map(({ startedAt }) => of(startedAt)));
    };
    const range = { from: '2025-01-01T00:00:00Z', to: '2025-01-01T08:00:00Z' };
    const one = await submitted({ ...body, cron: undefined, intervalMs: 1_000, anchorAt: '2025-01-01T00:00:00Z' });
    const short = { ...range, to: '2025-01-01T00:00:12Z' };
    const sequential = (await user.post(`/jobs/${one.id}/backfill`, short).expect(201)).body;
    expect(await ended(sequential.id)).toMatchObject({ succeeded: 12 });
    expect(atOnce()).toBe(1);
    const live = (await get(`/jobs/${one.id}/runs?limit=100&to=9999-01-01T00:00:00Z`)).data;
    const own = live.filter(({ trigger }: { trigger: string }) => trigger === 'schedule');
    expect(own.filter(({ state }: { state: string }) => state === 'skipped')).toEqual([]);
    await user.post(`/jobs/${one.id}/cancel`).expect(200);
    sink.calls.length = 0;
    const many = await submitted(body);
    const parallel = (
      await user.post(`/jobs/${many.id}/backfill`, { ...range, overlapPolicy: 'allow_all' }).expect(201)
    ).body;
    expect(await ended(parallel.id)).toMatchObject({ succeeded: 8 });
    expect(atOnce()).toBeGreaterThan(1);
    expect(atOnce()).toBeLessThanOrEqual(4);
    await sink.stop();
  });

  it('is cancelled: what waits ends, nothing more is created; then the rest can be made up', async () => {
    const { id } = await submitted({});
    await user.post(`/jobs/${id}/pause`, {}).expect(200);
    const range = { from: '2025-01-01T00:00:00Z', to: '2025-01-02T00:00:00Z' };
    const { id: backfillId } = (await user.post(`/jobs/${id}/backfill`, range).expect(201)).body;
    const overlapping = (await user.post(`/jobs/${id}/backfill`, range).expect(409)).body;
    expect(overlapping).toMatchObject({ code: 'BACKFILL_OVERLAPS', backfillId });
    await eventually(
      () => get(`/backfills/${backfillId}`),
      ({ created }) => created === 4,
    );
    const cancelled = (await user.post(`/backfills/${backfillId}/cancel`).expect(200)).body;
    expect(cancelled).toMatchObject({ state: 'cancelled', created: 4, cancelled: 4, waiting: 0 });
    expect((await backfilled(id)).map(({ reason }) => reason)).toEqual(Array(4).fill('backfill_cancelled'));
    expect((await user.post(`/backfills/${backfillId}/cancel`).expect(409)).body.code).toBe('BACKFILL_FINISHED');
    await user.post(`/jobs/${id}/resume`).expect(200);
    const rest = (await user.post(`/jobs/${id}/backfill`, range).expect(201)).body;
    expect(await ended(rest.id)).toMatchObject({ state: 'completed', total: 20, succeeded: 20 });
    expect(await get(`/backfills/${backfillId}`)).toMatchObject({ state: 'cancelled', created: 4, cancelled: 4 });
  });

  it('ends with its job', async () => {
    const { id } = await submitted({});
    await user.post(`/jobs/${id}/pause`, {}).expect(200);
    const range = { from: '2025-01-01T00:00:00Z', to: '2025-01-02T00:00:00Z' };
    const backfill = (await user.post(`/jobs/${id}/backfill`, range).expect(201)).body;
    await user.post(`/jobs/${id}/cancel`).expect(200);
    expect(await ended(backfill.id)).toMatchObject({ state: 'cancelled' });
    expect((await user.post(`/jobs/${id}/backfill`, range).expect(409)).body.code).toBe('JOB_FINISHED');
  });
});

describe('a backfill is refused', () => {
  const day = { from: '2025-01-01T00:00:00Z', to: '2025-01-02T00:00:00Z' };
  it.each([
    [{ to: day.to }, 400, '/from'],
    [{ ...day, from: 'new year' }, 400, '/from'],
    [{ from: day.to, to: day.from }, 400, '/from'],
    [{ ...day, to: '2999-01-01T00:00:00Z' }, 400, '/to'],
    [{ ...day, overlapPolicy: 'skip' }, 400, '/overlapPolicy'],
    [{ ...day, from: '2023-01-01T00:00:00Z' }, 422, '/from'],
    [{ ...day, to: '2025-01-01T00:00:00.001Z', from: '2024-12-31T23:30:00Z', overlapPolicy: null }, 201, null],
    [{ from: '2025-01-01T00:30:00Z', to: '2025-01-01T00:40:00Z' }, 422, '/from'],
  ])('%j: %i at %s', async (body, status, pointer) => {
    const { id } = await submitted({});
    const answer = (await user.post(`/jobs/${id}/backfill`, body).expect(status)).body;
    if (pointer !== null) expect(answer.errors[0].pointer).toBe(pointer);
  });

  it('of a one-time job, and hides what is not yours', async () => {
    const { id } = await submitted({ type: 'one_time', cron: undefined, scheduledAt: '2030-01-01T00:00:00Z' });
    expect((await user.post(`/jobs/${id}/backfill`, day).expect(422)).body.code).toBe('NOT_RECURRING');
    const recurring = await submitted({});
    const backfill = (await user.post(`/jobs/${recurring.id}/backfill`, day).expect(201)).body;
    const stranger = await aUser(app);
    await stranger.post(`/jobs/${recurring.id}/backfill`, day).expect(404);
    await stranger.get(`/backfills/${backfill.id}`).expect(404);
    await stranger.post(`/backfills/${backfill.id}/cancel`).expect(404);
  });
});
