import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aTarget } from '../integration/handlers/target.js';
import type { Target } from '../integration/handlers/target.js';
import { startApp } from '../support/app.js';
import type { TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { inMs, jobOf, jobThatIs, runsOf, submit } from '../support/jobs.js';
import { aUser } from '../support/user.js';
import type { TestUser } from '../support/user.js';

let app: TestApp;
let user: TestUser;
const targets: Target[] = [];

beforeAll(async () => {
  app = await startApp();
  user = await aUser(app);
});
afterAll(async () => {
  await app.stop();
  await Promise.all(targets.map((target) => target.close()));
});

const later = { name: 'later', type: 'one_time', scheduledAt: '2036-01-01T00:00:00Z' };

async function aPatientTarget(): Promise<Target> {
  const target = await aTarget(() => undefined);
  targets.push(target);
  return target;
}

/** Ends when a job submitted now, due in `ms`, has run: whatever else was due before has had its chance. */
async function afterAJobDueIn(ms: number): Promise<void> {
  const { id } = await submit(user, { name: 'control', type: 'one_time', scheduledAt: inMs(ms) });
  await jobThatIs(user, id, 'completed');
}

describe('PUT and PATCH', () => {
  it('replace all of a definition, or some of it', async () => {
    const { id } = await submit(user, { ...later, description: 'old', maxRetries: 7, payload: { a: 1 } });
    const patched = (await user.patch(`/jobs/${id}`, { name: 'renamed', payload: { b: 2 } }).expect(200)).body;
    expect(patched).toMatchObject({
      name: 'renamed',
      description: 'old',
      maxRetries: 7,
      payload: { b: 2 },
      version: 2,
    });
    const put = (await user.put(`/jobs/${id}`, { name: 'anew', type: 'one_time' }).expect(200)).body;
    expect(put).toMatchObject({ name: 'anew', description: null, maxRetries: 3, payload: {}, version: 3 });
    expect(put.scheduledAt).toBe('2036-01-01T00:00:00.000Z');
    expect(await jobOf(user, id)).toEqual(put);
  });

  it('leave it to a run to say which definition planned it, and which it got', async () => {
    const { id } = await submit(user, { ...later, payload: { a: 1 } });
    await user.patch(`/jobs/${id}`, { payload: { a: 2 } }).expect(200);
    expect(await runsOf(user, id)).toMatchObject([{ jobVersion: 1, ranVersion: null }]);
    await user.post(`/jobs/${id}/reschedule`, { scheduledAt: inMs(0) }).expect(200);
    await jobThatIs(user, id, 'completed');
    const [ran] = await runsOf(user, id);
    expect(ran).toMatchObject({ state: 'succeeded', ranVersion: 3 });
  });

  it('say that a time had passed already, as the submission does', async () => {
    const past = await submit(user, { ...later, scheduledAt: '2020-01-01T00:00:00Z' });
    expect(past['scheduledAtNote']).toMatch(/^it had passed when the job was submitted/);
    const { id, scheduledAtNote } = await submit(user, later);
    expect(scheduledAtNote).toBeNull();
    const moved = await user.post(`/jobs/${id}/reschedule`, { scheduledAt: '2020-01-01T00:00:00Z' }).expect(200);
    expect(moved.body.scheduleNote).toMatch(/That had passed already, so it is due at once\.$/);
    const now = await submit(user, { name: 'now', type: 'one_time' });
    expect(now['scheduledAtNote']).toBeNull();
  });

  it('refuse what a submission would, another type, and an ETag that is not the latest', async () => {
    const submitted = await user.post('/jobs', later).expect(201);
    const { id } = submitted.body as { id: string };
    const etag = submitted.headers['etag'] ?? '';
    expect((await user.patch(`/jobs/${id}`, { handler: 'htpp' }).expect(400)).body.errors[0].pointer).toBe('/handler');
    await user.put(`/jobs/${id}`, { name: 'x', type: 'recurring', recurrencePattern: 'daily' }).expect(409);
    await user.patch(`/jobs/${id}`, { name: 'first' }).set('if-match', etag).expect(200);
    const { body } = await user.patch(`/jobs/${id}`, { name: 'second' }).set('if-match', etag).expect(412);
    expect(body.code).toBe('CHANGED_MEANWHILE');
    expect((await jobOf(user, id))['name']).toBe('first');
  });

  it('move a job to another time, where it runs once', async () => {
    const { id } = await submit(user, later);
    const soon = inMs(300);
    await user.patch(`/jobs/${id}`, { scheduledAt: soon }).expect(200);
    await jobThatIs(user, id, 'completed');
    expect(await runsOf(user, id)).toMatchObject([{ state: 'succeeded', nominalAt: soon }]);
  });
});

describe('DELETE', () => {
  it('removes the job and everything about it', async () => {
    const { id } = await submit(user, { name: 'gone', type: 'one_time' });
    await jobThatIs(user, id, 'completed');
    const [run] = await runsOf(user, id);
    await user.delete(`/jobs/${id}`).expect(204);
    for (const path of [`/jobs/${id}`, `/jobs/${id}/runs`, `/runs/${run?.id}`, `/runs/${run?.id}/logs`])
      await user.get(path).expect(404);
    await user.delete(`/jobs/${id}`).expect(404);
    for (const table of ['runs', 'executions', 'log_lines'])
      expect(await app.database.query(`SELECT FROM ${table} WHERE job_id = $1`, [id])).toEqual([]);
  });
});

describe('cancelling', () => {
  it('keeps a job that waits from ever starting', async () => {
    const { id } = await submit(user, { name: 'never', type: 'one_time', scheduledAt: inMs(2_000) });
    expect((await user.post(`/jobs/${id}/cancel`).expect(200)).body).toMatchObject({
      status: 'cancelled',
      isActive: false,
      nextRunAt: null,
    });
    await afterAJobDueIn(2_300);
    expect(await runsOf(user, id)).toMatchObject([{ state: 'cancelled', reason: 'job_cancelled', attempts: 0 }]);
  });

  it('is refused with the state once the job has finished', async () => {
    const { id } = await submit(user, { name: 'done', type: 'one_time' });
    await jobThatIs(user, id, 'completed');
    const { body } = await user.post(`/jobs/${id}/cancel`).expect(409);
    expect(body).toMatchObject({ code: 'JOB_FINISHED' });
    expect(body.detail).toContain('completed');
    await user.post(`/jobs/${id}/reschedule`, { scheduledAt: inMs(60_000) }).expect(409);
    await user.post(`/jobs/${id}/pause`, {}).expect(409);
    const [run] = await runsOf(user, id);
    expect((await user.post(`/runs/${run?.id}/cancel`).expect(409)).body).toMatchObject({ state: 'succeeded' });
  });
});

describe('rescheduling', () => {
  it('leaves the old doorbell without effect: the job runs once, at the new time', async () => {
    const target = await aTarget((_, response) => response.end());
    targets.push(target);
    const { id } = await submit(user, {
      ...{ name: 'moved', type: 'one_time', scheduledAt: inMs(3_000) },
      ...{ handler: 'http', payload: { url: target.url } },
    });
    const moved = inMs(8_000);
    const { body } = await user.post(`/jobs/${id}/reschedule`, { scheduledAt: moved }).expect(200);
    expect(body).toMatchObject({ scheduledAt: moved, nextRunAt: moved, status: 'pending' });
    await afterAJobDueIn(3_200);
    expect(target.received).toHaveLength(0);
    const job = await jobThatIs(user, id, 'completed');
    expect(Date.parse(job['startedAt'] as string)).toBeGreaterThanOrEqual(Date.parse(moved));
    await afterAJobDueIn(0);
    expect(target.received).toHaveLength(1);
    expect(await runsOf(user, id)).toMatchObject([{ state: 'succeeded', nominalAt: moved }]);
  });

  it('is refused with the state while the job runs', async () => {
    const target = await aPatientTarget();
    const payload = { url: target.url };
    const { id } = await submit(user, { name: 'busy', type: 'one_time', handler: 'http', payload });
    await eventually(
      () => target.received.length,
      (count) => count === 1,
    );
    const { body } = await user.post(`/jobs/${id}/reschedule`, { scheduledAt: inMs(60_000) }).expect(409);
    expect(body).toMatchObject({ code: 'JOB_RUNNING' });
    expect(body.detail).toContain('running');
    await user.post(`/jobs/${id}/cancel`).expect(200);
  });
});

describe('pausing', () => {
  it('holds a job back until it is resumed', async () => {
    const { id } = await submit(user, later);
    const paused = (await user.post(`/jobs/${id}/pause`, { note: 'moving' }).expect(200)).body;
    expect(paused).toMatchObject({ status: 'paused', isActive: false, pauseNote: 'moving' });
    // It falls due when it is paused, however long the pause took to be answered.
    await user.post(`/jobs/${id}/reschedule`, { scheduledAt: inMs(0) }).expect(200);
    await afterAJobDueIn(300);
    expect(await runsOf(user, id)).toMatchObject([{ state: 'scheduled', attempts: 0 }]);
    await user.post(`/jobs/${id}/pause`, {}).expect(409);
    await user.post(`/jobs/${id}/resume`).expect(200);
    await jobThatIs(user, id, 'completed');
    await user.post(`/jobs/${id}/resume`).expect(409);
  });

  it('ends by itself at its time', async () => {
    const { id } = await submit(user, later);
    const until = inMs(2_000);
    await user.post(`/jobs/${id}/pause`, { until }).expect(200);
    await user.post(`/jobs/${id}/reschedule`, { scheduledAt: inMs(0) }).expect(200);
    const job = await jobThatIs(user, id, 'completed');
    expect(Date.parse(job['startedAt'] as string)).toBeGreaterThanOrEqual(Date.parse(until));
  });
});

describe('triggering', () => {
  it('runs a job now, with another payload, and leaves its schedule alone', async () => {
    const job = await submit(user, { name: 'daily', type: 'recurring', recurrencePattern: 'daily', payload: { a: 1 } });
    const run = (await user.post(`/jobs/${job.id}/trigger`, { payload: { a: 2 } }).expect(201)).body;
    expect(run).toMatchObject({ jobId: job.id, trigger: 'manual', state: 'scheduled' });
    await eventually(
      async () => (await user.get(`/runs/${run.id}`).expect(200)).body.state as string,
      (state) => state === 'succeeded',
    );
    expect((await user.get(`/runs/${run.id}/executions`).expect(200)).body.data).toMatchObject([{ result: { a: 2 } }]);
    expect(await jobOf(user, job.id)).toMatchObject({ status: 'pending', nextRunAt: job.nextRunAt });
  });
});

describe('triggering a one-time job that runs', () => {
  it('calls the target again when it has answered, never beside it, and says so meanwhile', async () => {
    const answers: (() => void)[] = [];
    let calls = 0;
    const target = await aTarget((_request, response) => {
      calls += 1;
      answers.push(() => response.end('ok'));
    });
    targets.push(target);
    const payload = { url: target.url };
    const { id } = await submit(user, { name: 'once', type: 'one_time', handler: 'http', payload });
    const called = (count: number) =>
      eventually(
        async () => calls,
        (so) => so === count,
      );
    await called(1);
    const triggered: string[] = [];
    for (let press = 0; press < 3; press += 1)
      triggered.push((await user.post(`/jobs/${id}/trigger`, {}).expect(201)).body.id as string);
    const explained = await eventually(
      async () => (await user.get(`/runs/${triggered[0]}/explain`).expect(200)).body.summary as string,
      (summary) => summary.includes('overlap policy'),
    );
    expect(explained).toContain('a run that somebody asked for waits for its turn');
    for (let call = 1; call <= 4; call += 1) {
      await called(call);
      await afterAJobDueIn(200);
      expect(calls).toBe(call);
      answers[call - 1]!();
    }
    await eventually(
      async () => (await runsOf(user, id)).map(({ state }) => state),
      (states) => states.length === 4 && states.every((state) => state === 'succeeded'),
    );
  });
});

describe('what belongs to somebody else', () => {
  it('is answered exactly as what does not exist', async () => {
    const other = await aUser(app);
    const { id } = await submit(other, { name: 'theirs', type: 'recurring', recurrencePattern: 'daily' });
    const run = (await other.post(`/jobs/${id}/trigger`, {}).expect(201)).body as { id: string };
    const asked = (jobId: string, runId: string) => [
      ...['', '/status', '/runs', '/executions', '/logs'].map((path) => user.get(`/jobs/${jobId}${path}`)),
      ...['cancel', 'resume'].map((move) => user.post(`/jobs/${jobId}/${move}`)),
      ...['pause', 'trigger'].map((move) => user.post(`/jobs/${jobId}/${move}`, {})),
      user.post(`/jobs/${jobId}/reschedule`, { scheduledAt: inMs(1_000) }),
      user.put(`/jobs/${jobId}`, { name: 'mine', type: 'recurring', recurrencePattern: 'daily' }),
      user.patch(`/jobs/${jobId}`, { name: 'mine' }),
      user.delete(`/jobs/${jobId}`),
      ...['', '/executions', '/logs'].map((path) => user.get(`/runs/${runId}${path}`)),
      user.post(`/runs/${runId}/cancel`),
    ];
    const theirs = await Promise.all(asked(id, run.id));
    const nobodys = await Promise.all(asked(randomUUID(), randomUUID()));
    const shown = ({ status, body }: (typeof theirs)[number]) => ({
      status,
      body: { ...(body as object), instance: '', requestId: '' },
    });
    expect(theirs.map(shown)).toEqual(nobodys.map(shown));
    expect(theirs.map(({ status }) => status)).toEqual(theirs.map(() => 404));
    expect(await jobOf(other, id)).toMatchObject({ name: 'theirs', status: expect.stringMatching(/pending|running/) });
    expect((await user.get('/jobs?search=theirs').expect(200)).body.data).toEqual([]);
  });
});
