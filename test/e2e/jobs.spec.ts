import { hostname } from 'node:os';
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

const submitted = async (body: object) => (await user.post('/jobs', body).expect(201)).body;
const job = async (id: string) => (await user.get(`/jobs/${id}`).expect(200)).body;

describe('a one-time job', () => {
  it('without a time runs now and ends completed, with its run, execution and log', async () => {
    const { id, status, nextRunAt } = await submitted({ name: 'now', type: 'one_time', payload: { hello: 'world' } });
    expect(status).toBe('pending');
    expect(nextRunAt).not.toBeNull();
    const done = await eventually(
      () => job(id),
      ({ status }) => status === 'completed',
    );
    expect(done).toMatchObject({ result: { hello: 'world' }, retryCount: 0, errorMessage: null, isActive: false });
    const runs = (await user.get(`/jobs/${id}/runs`).expect(200)).body;
    expect(runs.data).toHaveLength(1);
    expect(runs.data[0]).toMatchObject({ state: 'succeeded', reason: 'completed', attempts: 1 });
    const executions = (await user.get(`/jobs/${id}/executions`).expect(200)).body.data;
    expect(executions).toHaveLength(1);
    expect(executions[0]).toMatchObject({ attemptNumber: 1, status: 'succeeded', runId: runs.data[0].id });
    const logs = (await user.get(`/jobs/${id}/logs`).expect(200)).body.data;
    expect(logs.map(({ status }: { status: string }) => status)).toEqual(['running', 'running', 'succeeded']);
    // Whoever looks sees that it was one worker, and neither its host nor its process.
    const worker: string = executions[0].workerId;
    expect(worker).toMatch(/^[0-9a-f]{12}$/);
    expect(runs.data[0].workerId).toBe(worker);
    expect(logs[0].message).toBe(`Attempt 1 started on ${worker}`);
    const explained = (await user.get(`/runs/${runs.data[0].id}/explain`).expect(200)).body;
    expect(JSON.stringify([explained, runs, executions, logs])).not.toContain(hostname());
  });

  it('does not start before its time', async () => {
    const scheduledAt = new Date(Date.now() + 800).toISOString();
    const { id } = await submitted({ name: 'soon', type: 'one_time', scheduledAt });
    const done = await eventually(
      () => job(id),
      ({ status }) => status === 'completed',
    );
    expect(new Date(done.startedAt).getTime()).toBeGreaterThanOrEqual(new Date(scheduledAt).getTime());
  });
});

describe('the list of runs', () => {
  const listed = async (id: string, query = ''): Promise<Record<string, string>[]> =>
    (await user.get(`/jobs/${id}/runs${query}`).expect(200)).body.data;

  it('begins with what has happened last, and takes several words of each filter, a range and an order', async () => {
    const { id } = await submitted({ name: 'often', type: 'recurring', intervalMs: 1_000 });
    const [latest] = await eventually(
      () => listed(id, '?limit=1&state=succeeded'),
      ([first]) => first !== undefined,
    );
    const [first] = await listed(id, '?limit=1');
    expect(Date.parse(first!.dueAt!)).toBeLessThanOrEqual(Date.now());
    expect((await listed(id, '?state=scheduled&limit=1'))[0]).toMatchObject({ state: 'scheduled' });
    const after = `to=${new Date(Date.now() + 30_000).toISOString()}`;
    expect((await listed(id, `?${after}&limit=1`))[0]).toMatchObject({ state: 'scheduled' });
    for (const several of ['state=succeeded,failed', 'state=succeeded&state=failed', 'reason=completed,lost'])
      expect(await listed(id, `?order=asc&limit=1&${several}`)).toMatchObject([{ id: latest!.id }]);
    expect(await listed(id, '?trigger=manual,backfill')).toEqual([]);
    expect(await listed(id, `?from=${latest!.nominalAt}&order=asc&limit=1`)).toMatchObject([{ id: latest!.id }]);
    const { body } = await user.get(`/jobs/${id}/runs?state=succeeded,done&order=up&reason=`).expect(400);
    expect(body.errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual([
      '/order',
      '/reason',
      '/state',
    ]);
    await user.delete(`/jobs/${id}`).expect(204);
  });
});
