import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp } from '../support/app.js';
import type { TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { inMs, submit } from '../support/jobs.js';
import type { ShownJob, ShownRun } from '../support/jobs.js';
import { Sink } from '../support/sink.js';
import { aUser, anAdmin } from '../support/user.js';
import type { TestUser } from '../support/user.js';

let app: TestApp;
let admin: TestUser;
let sink: Sink;
let refusing: Sink;

beforeAll(async () => {
  app = await startApp({ RETRY_DELAY_MS: '400', MIN_INTERVAL_MS: '200' });
  admin = await anAdmin(app);
  sink = await Sink.start();
  refusing = await Sink.start((_call, reply) => reply.writeHead(503).end());
});
afterAll(async () => {
  await app.stop();
  await Promise.all([sink, refusing].map((one) => one.stop()));
});

const setActive = (user: TestUser, isActive: boolean) =>
  admin.patch(`/admin/users/${user.id}`, { isActive }).expect(200);
const seen = async (id: string): Promise<ShownJob> =>
  (await admin.get(`/admin/jobs/${id}`).expect(200)).body as ShownJob;
const seenRuns = async (id: string, more = ''): Promise<ShownRun[]> =>
  (await admin.get(`/admin/jobs/${id}/runs?limit=100${more}`).expect(200)).body.data as ShownRun[];
const calls = (path: string, { url } = sink) => ({ name: path, handler: 'http', payload: { url: `${url}${path}` } });
const each = (path: string, intervalMs: number) => ({ ...calls(path), type: 'recurring', intervalMs });

/** Lets as long pass as what would start needs. */
async function afterAJobDueIn(ms: number): Promise<void> {
  const { id } = await submit(admin, { name: 'control', type: 'one_time', scheduledAt: inMs(ms) });
  await eventually(
    () => seen(id),
    ({ status }) => status === 'completed',
  );
}

describe('disabling an account', () => {
  it('pauses its jobs: nothing that recurs, is scheduled, waits for a retry or was triggered starts once it is answered', async () => {
    const user = await aUser(app);
    const often = await submit(user, each('/often', 200));
    const later = await submit(user, { ...calls('/later'), type: 'one_time', scheduledAt: inMs(2_500) });
    const retrying = await submit(user, { ...calls('/retry', refusing), type: 'one_time', maxRetries: 50 });
    const paused = await submit(user, { ...each('/paused', 3_600_000), payload: { url: `${refusing.url}/hand` } });
    await user.post(`/jobs/${paused.id}/pause`, { note: 'my own' }).expect(200);
    await user.post(`/jobs/${paused.id}/trigger`).expect(201);
    await eventually(
      () =>
        [sink.callsTo('/often'), refusing.callsTo('/retry'), refusing.callsTo('/hand')].every(({ length }) => length),
      Boolean,
    );
    await setActive(user, false);
    const called = sink.calls.length + refusing.calls.length;
    for (const { id } of [often, later, retrying])
      expect(await seen(id)).toMatchObject({ status: 'paused', isActive: false, pauseReason: 'account_disabled' });
    expect(await seen(paused.id)).toMatchObject({ pauseReason: 'requested', pauseNote: 'my own' });
    await afterAJobDueIn(2_700);
    expect(sink.calls.length + refusing.calls.length).toBe(called);

    await setActive(user, true);
    await eventually(
      () => [sink.callsTo('/later').length === 1, sink.callsTo('/often').length > 3],
      (held) => held.every(Boolean),
    );
    expect(await seen(often.id)).toMatchObject({ isActive: true, pauseReason: null });
    expect(await seen(paused.id)).toMatchObject({ status: 'paused', pauseReason: 'requested' });
    const skipped = await seenRuns(often.id, '&state=skipped');
    expect(skipped.some(({ reason }) => reason === 'paused')).toBe(true);
  });

  it('keeps a pause that runs out meanwhile until it is enabled, and keeps others from resuming', async () => {
    const user = await aUser(app);
    const { id } = await submit(user, each('/kept', 200));
    await user.post(`/jobs/${id}/pause`, { until: inMs(400) }).expect(200);
    await setActive(user, false);
    await eventually(
      () => seen(id),
      ({ pauseReason }) => pauseReason === 'account_disabled',
    );
    const refused = await admin.post(`/admin/jobs/${id}/resume`).expect(409);
    expect(refused.body).toMatchObject({ code: 'ACCOUNT_DISABLED' });
    await setActive(user, true);
    await eventually(
      () => seen(id),
      ({ isActive }) => isActive === true,
    );
  });

  it('is carried on by a ticker where the process died in between', async () => {
    const user = await aUser(app);
    const { id } = await submit(user, each('/orphaned', 60_000));
    await app.database.query(`UPDATE users SET is_active = false, jobs_to_align = true WHERE id = $1`, [user.id]);
    await eventually(
      () => seen(id),
      ({ pauseReason }) => pauseReason === 'account_disabled',
    );
  });

  it('takes many jobs in bounded transactions', async () => {
    const user = await aUser(app);
    const { id } = await submit(user, { ...calls('/many'), type: 'one_time', scheduledAt: inMs(3_600_000) });
    await app.database.query(
      `INSERT INTO jobs SELECT (jsonb_populate_record(j, jsonb_build_object('id', gen_random_uuid()))).*
       FROM jobs j, generate_series(1, 2500) WHERE j.id = $1`,
      [id],
    );
    const stillPending = () =>
      app.database.query(`SELECT count(*)::integer AS n FROM jobs WHERE user_id = $1 AND status = 'pending'`, [
        user.id,
      ]);
    await setActive(user, false);
    expect(await stillPending()).toEqual([{ n: 0 }]);
    const transactions = await app.database.query(
      `SELECT count(DISTINCT xmin::text)::integer AS n, max(c)::integer AS most
       FROM (SELECT xmin::text, count(*) OVER (PARTITION BY xmin::text) AS c FROM jobs WHERE user_id = $1) AS t (xmin, c)`,
      [user.id],
    );
    expect(transactions).toEqual([{ n: 3, most: 1_000 }]);
  });
});

describe('an admin', () => {
  it('pauses, resumes, cancels and deletes the jobs of others, each time on record', async () => {
    const user = await aUser(app);
    const { id } = await submit(user, each('/theirs', 3_600_000));
    const other = await submit(user, each('/others', 3_600_000));
    expect((await admin.post(`/admin/jobs/${id}/pause`, { note: 'too loud' }).expect(200)).body).toMatchObject({
      status: 'paused',
      pauseNote: 'too loud',
      pauseReason: 'requested',
    });
    await admin.post(`/admin/jobs/${id}/resume`).expect(200);
    await admin.post(`/admin/jobs/${id}/cancel`).expect(200);
    await admin.delete(`/admin/jobs/${other.id}`).expect(204);
    await user.get(`/jobs/${other.id}`).expect(404);
    const { body } = await admin.get(`/admin/audit?userId=${admin.id}&limit=50`).expect(200);
    const entries = (body.data as { action: string; target: { id: string } }[])
      .filter(({ target }) => [id, other.id].includes(target.id))
      .map(({ action }) => action);
    expect(entries).toEqual(['job.deleted', 'job.cancelled', 'job.resumed', 'job.paused']);
  });

  it('reads all that an owner can of a job and its runs', async () => {
    const user = await aUser(app);
    const { id } = await submit(user, { ...calls('/read'), type: 'one_time' });
    const [run] = await eventually(
      () => seenRuns(id),
      ([first]) => first?.state === 'succeeded',
    );
    for (const part of ['executions', 'logs', 'backfills', 'explain', 'ledger'])
      expect((await admin.get(`/admin/jobs/${id}/${part}`)).status).toBe(
        (await user.get(`/jobs/${id}/${part}`)).status,
      );
    for (const part of ['', '/executions', '/logs', '/explain']) {
      const mine = (await user.get(`/runs/${run?.id}${part}`).expect(200)).body as object;
      expect((await admin.get(`/admin/runs/${run?.id}${part}`).expect(200)).body).toEqual(mine);
    }
  });
});
