import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp } from '../support/app.js';
import type { TestApp } from '../support/app.js';
import { jobOf, runsOf, submit } from '../support/jobs.js';
import { aUser, anAdmin } from '../support/user.js';
import type { TestUser } from '../support/user.js';

let app: TestApp;
let user: TestUser;
let admin: TestUser;

beforeAll(async () => {
  app = await startApp();
  user = await aUser(app);
  admin = await anAdmin(app);
});
afterAll(() => app.stop());

const later = { name: 'later', type: 'recurring', cron: '0 0 1 1 *' };
const tagOf = async (path: string): Promise<string> => (await user.get(path).expect(200)).headers['etag'] ?? '';

type Move = (id: string) => ReturnType<TestUser['get']>;
const moves: [name: string, move: Move, status: number][] = [
  ['PUT', (id) => user.put(`/jobs/${id}`, { ...later, name: 'put' }), 200],
  ['PATCH', (id) => user.patch(`/jobs/${id}`, { name: 'patched' }), 200],
  ['pause', (id) => user.post(`/jobs/${id}/pause`, {}), 200],
  ['reschedule', (id) => user.post(`/jobs/${id}/reschedule`, { scheduledAt: '2036-01-01T00:00:00Z' }), 200],
  ['trigger', (id) => user.post(`/jobs/${id}/trigger`, {}), 201],
  ['cancel', (id) => user.post(`/jobs/${id}/cancel`), 200],
  ['DELETE', (id) => user.delete(`/jobs/${id}`), 204],
  ['pause by an admin', (id) => admin.post(`/admin/jobs/${id}/pause`, {}), 200],
  ['cancel by an admin', (id) => admin.post(`/admin/jobs/${id}/cancel`), 200],
  ['DELETE by an admin', (id) => admin.delete(`/admin/jobs/${id}`), 204],
];

describe('If-Match', () => {
  it.each(moves)('is evaluated by %s: 412 and nothing done, unless a tag equals', async (_, move, status) => {
    const { id } = await submit(user, later);
    const outdated = await tagOf(`/jobs/${id}`);
    await user.patch(`/jobs/${id}`, { description: 'changed' }).expect(200);
    const before = await jobOf(user, id);
    for (const field of ['"1"', outdated, `W/${await tagOf(`/jobs/${id}`)}`, 'W/"2"', '2', '"1", "3"', '""']) {
      const { body } = await move(id).set('if-match', field).expect(412);
      expect(body).toMatchObject({ code: 'CHANGED_MEANWHILE', version: 2 });
    }
    expect(await jobOf(user, id)).toEqual(before);
    expect((await runsOf(user, id)).filter(({ trigger }) => trigger === 'manual')).toEqual([]);
    await move(id)
      .set('if-match', `"1", ${await tagOf(`/jobs/${id}`)}`)
      .expect(status);
  });

  it.each(moves)('takes the version and * with %s', async (_, move, status) => {
    for (const field of ['"7", "1"', '*']) {
      const { id } = await submit(user, later);
      await move(id).set('if-match', field).expect(status);
    }
  });

  it('is evaluated by resume, and by a backfill', async () => {
    const { id } = await submit(user, { ...later, cron: '0 * * * *' });
    await user.post(`/jobs/${id}/pause`, {}).expect(200);
    await user.post(`/jobs/${id}/resume`).set('if-match', '"9"').expect(412);
    await admin.post(`/admin/jobs/${id}/resume`).set('if-match', '"9"').expect(412);
    expect(await jobOf(user, id)).toMatchObject({ status: 'paused' });
    await user
      .post(`/jobs/${id}/resume`)
      .set('if-match', await tagOf(`/jobs/${id}`))
      .expect(200);
    const range = { from: '2026-01-01T00:00:00Z', to: '2026-01-01T03:00:00Z' };
    await user.post(`/jobs/${id}/backfill`, range).set('if-match', '"9"').expect(412);
    expect((await user.get(`/jobs/${id}/backfills`).expect(200)).body.data).toEqual([]);
    await user.post(`/jobs/${id}/backfill`, range).set('if-match', '"1"').expect(201);
  });

  it('says that what is not there is not there', async () => {
    const { id } = await submit(user, later);
    const other = await aUser(app);
    await other.delete(`/jobs/${id}`).set('if-match', '"1"').expect(404);
    await other.delete(`/jobs/${id}`).set('if-match', '*').expect(404);
    expect((await jobOf(user, id)).id).toBe(id);
  });

  it('is evaluated by a calendar', async () => {
    const { id } = (await user.post('/calendars', { name: 'one', days: [] }).expect(201)).body;
    const outdated = await tagOf(`/calendars/${id}`);
    await user.put(`/calendars/${id}`, { name: 'two', days: [] }).set('if-match', outdated).expect(200);
    for (const field of ['"1"', outdated, 'W/"2"'])
      await user.delete(`/calendars/${id}`).set('if-match', field).expect(412);
    await user
      .delete(`/calendars/${id}`)
      .set('if-match', await tagOf(`/calendars/${id}`))
      .expect(204);
  });

  it('cannot hold for what has no ETag', async () => {
    const { id } = await submit(user, later);
    const runId = (await user.post(`/jobs/${id}/trigger`, {}).expect(201)).body.id as string;
    const key = (await user.post('/auth/api-keys', { name: 'k', scopes: ['jobs:read'] }).expect(201)).body;
    for (const request of [user.post(`/runs/${runId}/cancel`), user.delete(`/auth/api-keys/${key.id}`)])
      expect((await request.set('if-match', '"1"').expect(412)).body.code).toBe('NO_ENTITY_TAG');
    await user.delete(`/auth/api-keys/${key.id}`).set('if-match', '*').expect(204);
  });
});

describe('an ETag', () => {
  it('changes with whatever is shown, and only with that', async () => {
    const submitted = await user.post('/jobs', later).expect(201);
    const path = `/jobs/${submitted.body.id}`;
    const seen = [await tagOf(path)];
    expect(seen[0]).toMatch(/^"[^"]+"$/);
    expect(submitted.headers['etag']).toBe(seen[0]);
    expect(await tagOf(path)).toBe(seen[0]);
    const paused = await user.post(`${path}/pause`, { note: 'a while' }).expect(200);
    seen.push(await tagOf(path));
    expect(paused.headers['etag']).toBe(seen[1]);
    await user.post(`${path}/resume`).expect(200);
    seen.push(await tagOf(path));
    await user.patch(path, { description: 'changed' }).expect(200);
    seen.push(await tagOf(path));
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('answers 304 without a body to If-None-Match, also weakly and among several', async () => {
    const { id } = await submit(user, later);
    const path = `/jobs/${id}`;
    const tag = await tagOf(path);
    for (const field of [tag, `W/${tag}`, `"x", ${tag}`, '*']) {
      const answer = await user.get(path).set('if-none-match', field).expect(304);
      expect([answer.text, answer.headers['etag']]).toEqual(['', tag]);
      await app.http.head(path).set('authorization', `Bearer ${user.token}`).set('if-none-match', field).expect(304);
    }
    expect((await admin.get(`/admin${path}`).set('if-none-match', tag).expect(304)).headers['etag']).toBe(tag);
    await user.post(`${path}/pause`, {}).expect(200);
    const { body } = await user.get(path).set('if-none-match', tag).expect(200);
    expect(body.status).toBe('paused');
    await user.get(`/jobs/${tag.length}`).set('if-none-match', '*').expect(400);
  });

  it('keeps a change from what If-None-Match names', async () => {
    const { id } = await submit(user, later);
    await user.patch(`/jobs/${id}`, { name: 'x' }).set('if-none-match', '*').expect(412);
    await user.delete(`/jobs/${id}`).set('if-none-match', '"1"').expect(412);
    await user.delete(`/jobs/${id}`).set('if-none-match', '"2"').expect(204);
  });
});
