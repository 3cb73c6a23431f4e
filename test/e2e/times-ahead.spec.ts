import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp } from '../support/app.js';
import type { TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { aUser } from '../support/user.js';
import type { TestUser } from '../support/user.js';

let app: TestApp;
let user: TestUser;

beforeAll(async () => {
  app = await startApp();
  user = await aUser(app);
});
afterAll(() => app.stop());

const get = async (path: string) => (await user.get(path).expect(200)).body;
const submitted = async (fields: object) =>
  (await user.post('/jobs', { name: 'job', type: 'recurring', cron: '0 12 1 * *', ...fields }).expect(201)).body;
const day = (months: number): string => {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months, 1, 12)).toISOString();
};
const date = (months: number): string => day(months).slice(0, 10);

describe('explain tells of a time ahead what will become of it', () => {
  const explained = async (id: string, months: number) => {
    const { summary, gates, wouldStart } = await get(`/jobs/${id}/explain?at=${day(months)}`);
    const closed = gates.find(({ state }: { state: string }) => state === 'closed');
    expect(summary).toBe(closed.detail);
    return { gate: closed.gate, summary, wouldStart };
  };

  it('that it comes, or that its day is left out by the job or by a calendar', async () => {
    const calendar = (await user.post('/calendars', { name: 'Holidays', days: [date(3)] }).expect(201)).body;
    const { id } = await submitted({ excludeDates: [date(2)], calendars: [calendar.id] });
    expect(await explained(id, 1)).toMatchObject({ gate: 'due', wouldStart: `Its time comes, ${day(1)}.` });
    expect(await explained(id, 2)).toMatchObject({
      gate: 'calendar',
      summary: `It lies ahead and will not run: ${date(2)} is excluded by the job.`,
    });
    const blackout = `${date(3)} is a blackout day of the calendar "Holidays"`;
    expect(await explained(id, 3)).toMatchObject({ gate: 'calendar', summary: expect.stringContaining(blackout) });
  });

  it('that maxRuns leaves it no run', async () => {
    const { id } = await submitted({ maxRuns: 2 });
    expect(await explained(id, 2)).toMatchObject({ gate: 'due' });
    expect(await explained(id, 3)).toMatchObject({
      gate: 'job',
      summary: 'No run is left for it: maxRuns is 2, and earlier times take what is left.',
    });
  });

  it('whether a pause ends before it', async () => {
    const { id } = await submitted({ maxRuns: 1 });
    await user.post(`/jobs/${id}/pause`, { until: day(2) }).expect(200);
    const [during, at, after] = [await explained(id, 1), await explained(id, 2), await explained(id, 3)];
    expect(during).toMatchObject({ gate: 'job', summary: expect.stringContaining(`until ${day(2)}`) });
    expect(at).toMatchObject({ gate: 'due' });
    expect(after).toMatchObject({ gate: 'job', summary: expect.stringContaining('No run is left for it') });
  });

  it('that it comes after the end', async () => {
    const { id } = await submitted({ endsAt: day(2) });
    expect(await explained(id, 2)).toMatchObject({ gate: 'due' });
    expect((await explained(id, 3)).summary).toBe('The schedule does not name this time. It names none after it.');
  });
});

describe('next-runs tells', () => {
  it('which times lie in a pause, and that they take none of the runs that are left', async () => {
    const { id } = await submitted({ maxRuns: 1 });
    const named = async () => (await get(`/jobs/${id}/next-runs`)).nextRuns as { nominalAt: string; reason: string }[];
    expect((await named()).map(({ nominalAt }) => nominalAt)).toEqual([day(1)]);
    await user.post(`/jobs/${id}/pause`, { until: day(2) }).expect(200);
    expect((await named()).map(({ nominalAt }) => nominalAt)).toEqual([day(1), day(2)]);
    const [within, after] = await named();
    expect(within!.reason).toBe(
      `cron "0 12 1 * *"; the job is paused until ${day(2)}: catch-up decides when it resumes`,
    );
    expect(after!.reason).toBe('cron "0 12 1 * *"');
  });
});

describe('nextRunAt is the next time that starts', () => {
  const shownTo = async (id: string) => {
    const [one, status, list] = [await get(`/jobs/${id}`), await get(`/jobs/${id}/status`), await get('/jobs')];
    const listed = list.data.find((job: { id: string }) => job.id === id);
    expect([status.nextRunAt, listed.nextRunAt]).toEqual([one.nextRunAt, one.nextRunAt]);
    return one.nextRunAt;
  };

  it('on no excluded day, in every answer, and the ETag of one is that of the others', async () => {
    const calendar = (await user.post('/calendars', { name: 'Shut', days: [date(2)] }).expect(201)).body;
    const fields = { name: 'job', type: 'recurring', cron: '0 12 1 * *', excludeDates: [date(1)] };
    const alone = await user.post('/jobs', fields).expect(201);
    expect(alone.body.nextRunAt).toBe(day(2));
    const { body, headers } = await user.post('/jobs', { ...fields, calendars: [calendar.id] }).expect(201);
    expect(body.nextRunAt).toBe(day(3));
    expect(await shownTo(body.id)).toBe(day(3));
    const bulk = (await user.post('/jobs/bulk', { jobs: [fields] }).expect(201)).body;
    expect(bulk.data[0].nextRunAt).toBe(day(2));
    const patched = await user
      .patch(`/jobs/${body.id}`, { description: 'the same times' })
      .set('If-Match', headers['etag']!)
      .expect(200);
    expect(patched.body.nextRunAt).toBe(day(3));
    await user.put(`/calendars/${calendar.id}`, { name: 'Shut', days: [date(2), date(3)] }).expect(200);
    await eventually(
      () => get(`/jobs/${body.id}`),
      ({ nextRunAt }) => nextRunAt === day(4),
    );
  });

  it('none where the end comes before a day that is not left out, and none while the job is paused', async () => {
    const { id } = await submitted({ excludeDates: [date(1), date(2)], endsAt: day(2) });
    expect(await shownTo(id)).toBeNull();
    const paused = await submitted({});
    await user.post(`/jobs/${paused.id}/pause`, { until: day(2) }).expect(200);
    expect(await shownTo(paused.id)).toBeNull();
  });
});
