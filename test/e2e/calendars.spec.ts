import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp } from '../support/app.js';
import type { TestApp } from '../support/app.js';
import { aUser } from '../support/user.js';
import type { TestUser } from '../support/user.js';

const most = 25;

let app: TestApp;
let user: TestUser;

beforeAll(async () => {
  app = await startApp({ CALENDARS_PER_USER: String(most) });
  user = await aUser(app);
});
afterAll(() => app.stop());

let named = 0;
const aCalendar = async (days: string[]) => {
  named += 1;
  return (await user.post('/calendars', { name: `calendar ${named}`, days }).expect(201)).body;
};
const daily = { name: 'daily', type: 'recurring', cron: '0 12 * * *' };
const get = async (path: string) => (await user.get(path).expect(200)).body;
const suppressed = async (jobId: string): Promise<string[]> =>
  (await get(`/jobs/${jobId}/next-runs?count=5&from=2030-01-01T00:00:00Z`)).nextRuns
    .filter((time: { suppressed: boolean }) => time.suppressed)
    .map(({ nominalAt }: { nominalAt: string }) => nominalAt.slice(0, 10));

describe('calendars', () => {
  it('are as many as a user may have, however many are asked for at once', async () => {
    const other = await aUser(app);
    const asked = Array.from({ length: most + 5 }, (_, at) => other.post('/calendars', { name: `c${at}`, days: [] }));
    const answers = await Promise.all(asked);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(most);
    const refused = answers.filter(({ status }) => status === 409);
    expect(refused.map(({ body }) => body.code)).toEqual(Array(5).fill('TOO_MANY_CALENDARS'));
  });

  it('are created, read, listed, replaced under their ETag, and deleted', async () => {
    const created = await user.post('/calendars', {
      name: ' Holidays ',
      days: ['2030-12-26', '2030-12-25', '2030-12-25'],
    });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ name: 'Holidays', days: ['2030-12-25', '2030-12-26'], version: 1 });
    expect(created.headers['etag']).toMatch(/^"[^"]+"$/);
    const path = `/calendars/${created.body.id}`;
    expect(await get(path)).toEqual(created.body);
    expect((await get('/calendars')).data).toContainEqual(created.body);
    const next = { name: 'Holidays', days: ['2031-01-01'] };
    const replaced = await user.put(path, next).set('if-match', '"1"').expect(200);
    expect(replaced.body).toMatchObject({ ...next, version: 2 });
    expect((await user.put(path, next).set('if-match', '"1"').expect(412)).body.code).toBe('CHANGED_MEANWHILE');
    await user.delete(path).expect(204);
    await user.get(path).expect(404);
  });

  it.each([
    [{ days: [] }, '/name'],
    [{ name: '', days: [] }, '/name'],
    [{ name: 'x' }, '/days'],
    [{ name: 'x', days: ['2030-02-30'] }, '/days'],
    [{ name: 'x', days: ['25.12.2030'] }, '/days'],
    [{ name: 'x', days: [20301225] }, '/days'],
    [{ name: 'x', days: Array(2_001).fill('2030-01-01') }, '/days'],
    [{ name: 'x', days: [], zone: 'UTC' }, '/zone'],
    [{ name: 'x', days: [], excludeDates: [] }, '/excludeDates'],
  ])('%#: refuses what is not valid', async (body, pointer) => {
    const { body: problem } = await user.post('/calendars', body).expect(400);
    expect(problem.errors[0].pointer).toMatch(new RegExp(`^${pointer}`));
    if (pointer === '/excludeDates') expect(problem.errors[0].detail).toContain('it is called "days" here');
  });

  it('have a name of their own, and belong to one user', async () => {
    const { id, name } = await aCalendar([]);
    expect((await user.post('/calendars', { name, days: [] }).expect(409)).body.code).toBe('CALENDAR_NAME_TAKEN');
    const stranger = await aUser(app);
    await stranger.post('/calendars', { name, days: [] }).expect(201);
    await stranger.get(`/calendars/${id}`).expect(404);
    await stranger.put(`/calendars/${id}`, { name: 'mine', days: [] }).expect(404);
    await stranger.delete(`/calendars/${id}`).expect(404);
    const { body } = await stranger.post('/jobs', { ...daily, calendars: [id] }).expect(400);
    expect(body.errors[0].pointer).toBe('/calendars/0');
  });
});

describe('a job that uses a calendar', () => {
  it('leaves its days out, and follows it when it changes', async () => {
    const calendar = await aCalendar(['2030-01-02']);
    const { id, version } = (await user.post('/jobs', { ...daily, calendars: [calendar.id] }).expect(201)).body;
    expect(await suppressed(id)).toEqual(['2030-01-02']);
    const { nextRuns } = await get(`/jobs/${id}/next-runs?count=2&from=2030-01-01T13:00:00Z`);
    expect(nextRuns[0].reason).toContain(`is a blackout day of the calendar "${calendar.name}"`);
    await user.put(`/calendars/${calendar.id}`, { name: 'moved', days: ['2030-01-03', '2030-01-04'] }).expect(200);
    expect(await suppressed(id)).toEqual(['2030-01-03', '2030-01-04']);
    const job = await get(`/jobs/${id}`);
    expect(job).toMatchObject({ version: version + 1, schedule: { calendars: [calendar.id] } });
    const renamed = (await user.patch(`/jobs/${id}`, { name: 'renamed' }).expect(200)).body;
    expect(renamed.schedule).toEqual(job.schedule);
  });

  it('plans anew what has not started, each way, and accounts for every time', async () => {
    const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
    const today = [day(-1), day(0), day(1)];
    const calendar = await aCalendar(today);
    const everySecond = { ...daily, cron: undefined, intervalMs: 1_000, calendars: [calendar.id] };
    const { id } = (await user.post('/jobs', everySecond).expect(201)).body;
    const ahead = async () =>
      (await get(`/jobs/${id}/runs?limit=100&to=9999-01-01T00:00:00Z`)).data.filter(
        ({ nominalAt }: { nominalAt: string }) => Date.parse(nominalAt) > Date.now() + 2_000,
      );
    const before = await ahead();
    expect(before.length).toBeGreaterThan(20);
    expect(new Set(before.map(({ reason }: { reason: string }) => reason))).toEqual(new Set(['calendar']));
    await user.put(`/calendars/${calendar.id}`, { name: calendar.name, days: [] }).expect(200);
    expect(new Set((await ahead()).map(({ state }: { state: string }) => state))).toEqual(new Set(['scheduled']));
    await user.put(`/calendars/${calendar.id}`, { name: calendar.name, days: today }).expect(200);
    expect(new Set((await ahead()).map(({ reason }: { reason: string }) => reason))).toEqual(new Set(['calendar']));
    await user.post(`/jobs/${id}/cancel`).expect(200);
    const ledger = await get(`/jobs/${id}/ledger`);
    expect(ledger).toMatchObject({ missingCount: 0, unexpectedCount: 0, accountedFor: ledger.expected });
  });

  it('keeps the calendar from being deleted until it is finished', async () => {
    const calendar = await aCalendar(['2030-01-02']);
    const { id } = (await user.post('/jobs', { ...daily, calendars: [calendar.id] }).expect(201)).body;
    const { body } = await user.delete(`/calendars/${calendar.id}`).expect(409);
    expect(body).toMatchObject({ code: 'CALENDAR_IN_USE', total: 1, jobs: [{ id, name: 'daily' }] });
    await user.post(`/jobs/${id}/cancel`).expect(200);
    await user.delete(`/calendars/${calendar.id}`).expect(204);
    const renamed = (await user.patch(`/jobs/${id}`, { name: 'renamed' }).expect(200)).body;
    expect(renamed).toMatchObject({ status: 'cancelled', nextRunAt: null, schedule: { calendars: [calendar.id] } });
    expect(await suppressed(id)).toEqual([]);
  });
});
