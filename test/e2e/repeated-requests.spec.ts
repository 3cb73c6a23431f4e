import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp } from '../support/app.js';
import type { TestApp } from '../support/app.js';
import { runsOf, submit } from '../support/jobs.js';
import { aUser } from '../support/user.js';
import type { TestUser } from '../support/user.js';

let app: TestApp;
let user: TestUser;

beforeAll(async () => {
  app = await startApp();
  user = await aUser(app);
});
afterAll(() => app.stop());

const hourly = { name: 'hourly', type: 'recurring', cron: '0 * * * *' };
const range = { from: '2026-01-01T00:00:00Z', to: '2026-01-01T03:00:00Z' };

describe('an Idempotency-Key', () => {
  it.each([
    ['trigger', { payload: { n: 1 } }, { payload: { n: 2 } }],
    ['backfill', range, { ...range, from: '2026-01-01T01:00:00Z' }],
  ])('has %s done once, answered alike, and refused with another body', async (what, body, other) => {
    const { id } = await submit(user, hourly);
    const ask = (sent: object, key = 'k-1') => user.post(`/jobs/${id}/${what}`, sent).set('idempotency-key', key);
    const first = await ask(body).expect(201);
    const again = await Promise.all([ask(body), ask(body), ask(body)]);
    for (const { status, body: answer, headers } of again) {
      expect([status, headers['idempotency-replayed']]).toEqual([201, 'true']);
      expect(answer).toEqual(first.body);
    }
    expect((await ask(other).expect(422)).body.code).toBe('IDEMPOTENCY_KEY_REUSED');
    await user.post(`/jobs/${id}/cancel`).expect(200);
    expect((await ask(body).expect(201)).body).toEqual(first.body);
    const elsewhere = await submit(user, hourly);
    const { body: anew } = await user
      .post(`/jobs/${elsewhere.id}/${what}`, body)
      .set('idempotency-key', 'k-1')
      .expect(201);
    expect(anew.id).not.toBe(first.body.id);
  });

  it('triggers one run, however many come at once', async () => {
    const { id } = await submit(user, hourly);
    const ask = () => user.post(`/jobs/${id}/trigger`, {}).set('idempotency-key', 'at-once');
    const answers = await Promise.all(Array.from({ length: 8 }, ask));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect((await runsOf(user, id)).filter(({ trigger }) => trigger === 'manual')).toHaveLength(1);
  });

  it('is free again after a refusal', async () => {
    const { id } = await submit(user, hourly);
    const ask = (payload: object) => user.post(`/jobs/${id}/trigger`, { payload }).set('idempotency-key', 'mended');
    await user.patch(`/jobs/${id}`, { handler: 'http', payload: { url: 'http://127.0.0.1:1100/' } }).expect(200);
    await ask({ url: 5 }).expect(400);
    await ask({ url: 'http://127.0.0.1:1101/' }).expect(201);
  });

  it('makes one calendar', async () => {
    const ask = (name: string) => user.post('/calendars', { name, days: [] }).set('idempotency-key', 'calendar');
    const first = await ask('holidays').expect(201);
    const again = await ask('holidays').expect(201);
    expect([again.body, again.headers['etag']]).toEqual([first.body, first.headers['etag']]);
    await ask('others').expect(422);
  });

  it('is refused where it would be ignored', async () => {
    const { id } = await submit(user, hourly);
    const requests = [
      user.post('/auth/api-keys', { name: 'k', scopes: ['jobs:read'] }),
      user.post('/secrets', { name: 'token', value: 'a-value-that-is-long-enough' }),
      user.post(`/jobs/${id}/pause`, {}),
      user.post(`/jobs/${id}/cancel`),
      user.patch(`/jobs/${id}`, { name: 'x' }),
    ];
    for (const request of requests) {
      const { body } = await request.set('idempotency-key', 'k').expect(400);
      expect(body.errors).toEqual([expect.objectContaining({ pointer: '/Idempotency-Key' })]);
    }
    expect((await user.get(`/jobs/${id}`).expect(200)).body).toMatchObject({ status: 'pending', version: 1 });
    await user.delete(`/jobs/${id}`).set('idempotency-key', 'k').expect(204);
    await user.post('/jobs', hourly).set('idempotency-key', 'ü').expect(400);
  });
});

describe('the quota of live jobs', () => {
  it('is exact at once after a refusal', async () => {
    const small = await startApp({ QUOTA_LIVE_JOBS: '5' });
    try {
      const one = await aUser(small);
      const ids: string[] = [];
      for (let at = 0; at < 5; at += 1) ids.push((await submit(one, hourly)).id);
      for (const id of ids) {
        const { body } = await one.post('/jobs', hourly).expect(409);
        expect(body).toMatchObject({ code: 'LIVE_JOB_QUOTA_REACHED', used: 5, allowed: 5 });
        await one.post(`/jobs/${id}/cancel`).expect(200);
        await one.post('/jobs', hourly).expect(201);
      }
    } finally {
      await small.stop();
    }
  });
});
