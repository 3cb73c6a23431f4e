import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp } from '../support/app.js';
import type { TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { jobOf, runsOf, submit } from '../support/jobs.js';
import { aUser } from '../support/user.js';
import type { TestUser } from '../support/user.js';

let app: TestApp;
let user: TestUser;

beforeAll(async () => {
  app = await startApp();
  user = await aUser(app);
});
afterAll(() => app.stop());

const recurring = { name: 'report', type: 'recurring' };
const anchorAt = '2026-01-31T09:00:00.000Z';

/** All that the API tells of a job and its times. */
async function toldOf(id: string) {
  const [shown, ahead, runs] = await Promise.all([
    user.get(`/jobs/${id}`).expect(200),
    user.get(`/jobs/${id}/next-runs?count=5&from=2030-01-01T00:00:00Z`).expect(200),
    runsOf(user, id),
  ]);
  return { etag: shown.headers['etag'], job: shown.body as object, nextRuns: ahead.body.nextRuns as object, runs };
}

describe('the same definition again', () => {
  it.each([
    ['PATCH of the pattern', { recurrencePattern: 'monthly', anchorAt }, 'patch', { recurrencePattern: 'monthly' }],
    ['PATCH of the interval', { every: 'PT6H', anchorAt }, 'patch', { every: 'PT6H' }],
    ['PUT of a pattern', { recurrencePattern: 'daily' }, 'put', { ...recurring, recurrencePattern: 'daily' }],
    ['PUT of an interval', { every: 'PT1H' }, 'put', { ...recurring, intervalMs: 3_600_000 }],
    ['PUT of cron lines', { cron: '0 9 * * *', maxRuns: 9 }, 'put', { ...recurring, cron: ['0 9 * * *'], maxRuns: 9 }],
    ['PATCH of a name', { recurrencePattern: 'daily' }, 'patch', { name: 'report', description: null }],
    ['PATCH of a start', { every: 'PT6H', anchorAt }, 'patch', { scheduledAt: '2026-01-31T10:00:00+01:00' }],
    ['PATCH of nothing', { recurrencePattern: 'weekly' }, 'patch', {}],
  ] as const)('changes nothing at all: %s', async (_, schedule, method, body) => {
    const { id } = await submit(user, { ...recurring, ...schedule, payload: { b: 1, a: { d: 2, c: 3 } } });
    const before = await toldOf(id);
    const again = method === 'put' ? { ...body, payload: { b: 1, a: { d: 2, c: 3 } } } : body;
    for (let times = 0; times < 2; times += 1) {
      const answer = await user[method](`/jobs/${id}`, again).expect(200);
      expect([answer.headers['etag'], answer.body.scheduleNote]).toEqual([before.etag, null]);
    }
    expect(await toldOf(id)).toEqual(before);
  });

  it('changes nothing of a one-time job', async () => {
    const once = { name: 'once', type: 'one_time', scheduledAt: '2036-06-01T09:00', timezone: 'Europe/Berlin' };
    const { id } = await submit(user, once);
    const before = await toldOfOnce(id);
    await user.put(`/jobs/${id}`, once).expect(200);
    await user.patch(`/jobs/${id}`, { scheduledAt: once.scheduledAt }).expect(200);
    await user.post(`/jobs/${id}/reschedule`, { scheduledAt: once.scheduledAt }).expect(200);
    expect(await toldOfOnce(id)).toEqual(before);
  });

  it('keeps no job from running, however often it comes', async () => {
    const often = { ...recurring, every: 'PT1S' };
    const { id } = await submit(user, often);
    const ran = await eventually(
      async () => {
        await user.put(`/jobs/${id}`, often).expect(200);
        return (await runsOf(user, id)).filter(({ state }) => state === 'succeeded');
      },
      (runs) => runs.length >= 2,
    );
    const distance = Date.parse(ran[0]!.nominalAt) - Date.parse(ran[1]!.nominalAt);
    expect(distance % 1_000).toBe(0);
    expect((await jobOf(user, id))['version']).toBe(1);
    const { body } = await user.get(`/jobs/${id}/ledger`).expect(200);
    expect(body.missing).toEqual([]);
    expect(body.expected).toBeGreaterThanOrEqual(2);
  });
});

const toldOfOnce = async (id: string) => ({ job: await jobOf(user, id), runs: await runsOf(user, id) });

describe('a change that moves the times', () => {
  it('says so', async () => {
    const { id, nextRunAt } = await submit(user, { ...recurring, every: 'PT6H', anchorAt });
    const answer = await user.patch(`/jobs/${id}`, { every: 'PT5H' }).expect(200);
    const faster = answer.body;
    // What only the answer tells does not count as a change of the job.
    expect((await user.get(`/jobs/${id}`).expect(200)).headers['etag']).toBe(answer.headers['etag']);
    expect(faster.scheduleNote).toContain(`The next time was ${nextRunAt} and is now ${faster.nextRunAt}.`);
    expect(faster.scheduleNote).toContain('Times are counted from the change');
    const put = (await user.put(`/jobs/${id}`, { ...recurring, recurrencePattern: 'daily', anchorAt }).expect(200))
      .body;
    expect(put.scheduleNote).toBe(`The next time was ${faster.nextRunAt} and is now ${put.nextRunAt}.`);
    const scheduledAt = '2036-01-01T00:00:00.000Z';
    const moved = (await user.post(`/jobs/${id}/reschedule`, { scheduledAt }).expect(200)).body;
    expect(moved.scheduleNote).toBe(`The next time was ${put.nextRunAt} and is now ${scheduledAt}.`);
    const begun = (await user.patch(`/jobs/${id}`, { startsAt: '2036-02-01T00:00:00Z' }).expect(200)).body;
    expect(begun.scheduleNote).toContain('and is now 2036-02-01T00:00:00.000Z.');
    expect((await jobOf(user, id))['scheduleNote']).toBeNull();
  });
});
