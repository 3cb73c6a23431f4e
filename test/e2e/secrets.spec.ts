import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { executionsOf, inMs, jobOf, jobThatIs, runsOf, submit } from '../support/jobs.js';
import { formsOf } from '../support/secrets/forms.js';
import { SecretStage } from '../support/secrets/stage.js';
import { password } from '../support/user.js';
import type { TestUser } from '../support/user.js';

const most = 16;
let stage: SecretStage;
let user: TestUser;
beforeAll(async () => {
  stage = await SecretStage.open({ SECRETS_PER_USER: String(most) });
  user = await stage.aPerson();
});
afterAll(() => stage?.close());

const text = (secret: string) => ({ name: 'log', type: 'one_time', payload: { text: { $secret: secret } } });

describe('a stored secret', () => {
  it('is answered, listed and kept without its value (K01)', async () => {
    const value = stage.aValue();
    const { body } = await user.post('/secrets', { name: 'billing-token', value }).expect(201);
    expect(Object.keys(body).sort()).toEqual(['createdAt', 'id', 'keyVersion', 'lastUsedAt', 'name', 'updatedAt']);
    expect(body).toMatchObject({ name: 'billing-token', keyVersion: 1, lastUsedAt: null });
    const listed = await user.get('/secrets').expect(200);
    expect(listed.body.data).toEqual([body]);
    const [row] = await stage.rowsOf('billing-token');
    expect(row).toMatchObject({ key_version: 1, nonce: expect.any(Buffer), ciphertext: expect.any(Buffer) });
    expect((row as unknown as { nonce: Buffer }).nonce.length).toBe(12);
  });

  it('is replaced under a new nonce, created once a name, and deleted once', async () => {
    const { name } = await stage.store(user);
    const [before] = await stage.rowsOf(name);
    await user.post('/secrets', { name, value: stage.aValue() }).expect(409, /SECRET_EXISTS/);
    await user.put(`/secrets/${name}`, { value: stage.aValue() }).expect(200);
    const [after] = await stage.rowsOf(name);
    expect(after).toMatchObject({ id: before?.id });
    expect(after).not.toMatchObject({ nonce: (before as unknown as { nonce: Buffer }).nonce });
    await user.delete(`/secrets/${name}`).expect(204);
    await user.delete(`/secrets/${name}`).expect(404, /SECRET_NOT_FOUND/);
    await user.put(`/secrets/${name}`, { value: stage.aValue() }).expect(404, /SECRET_NOT_FOUND/);
  });

  it.each<[string, object, string]>([
    ['short', { name: 'x', value: 'abc' }, '/value'],
    ['long', { name: 'x', value: 'é'.repeat(32_769) }, '/value'],
    ['no text', { name: 'x', value: 271_828_182 }, '/value'],
    ['unnamed', { value: 'unnamed-value' }, '/name'],
    ['named like a path', { name: '../x', value: 'path-value' }, '/name'],
    ['named too long', { name: 'x'.repeat(65), value: 'long-name-value' }, '/name'],
    ['with more than that', { name: 'x', value: 'more-value', keyVersion: 9 }, '/keyVersion'],
  ])('that is %s is refused, and not repeated', async (_, sent, pointer) => {
    const { body, text: answer } = await user.post('/secrets', sent).expect(400);
    expect(body.errors).toContainEqual(expect.objectContaining({ pointer }));
    expect(answer).not.toContain(String((sent as { value: unknown }).value));
  });

  it('has at most so many beside it, also when they come at once', async () => {
    const person = await stage.aPerson();
    const answers = await Promise.all(
      Array.from({ length: most + 6 }, (_, at) => person.post('/secrets', { name: `s${at}`, value: stage.aValue() })),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201).length).toBe(most);
    expect(answers.filter(({ body }) => body.code === 'TOO_MANY_SECRETS').length).toBe(6);
  });
});

describe('a payload that refers to a secret', () => {
  it('is shown as it was sent, and resolved for the target alone', async () => {
    const { name, value } = await stage.store(user);
    const key = { $secret: name };
    const job = await submit(user, stage.call('/ok', name, { headers: { 'X-Token': { $secret: 'billing-token' } } }));
    await jobThatIs(user, job.id, 'completed');
    expect(stage.target.received('/ok').at(-1)?.body).toEqual({ deep: [{ token: value }] });
    expect((await jobOf(user, job.id))['payload']).toMatchObject({ body: { deep: [{ token: key }] } });
    const { body } = await user.get('/secrets').expect(200);
    const used = await eventually(
      async () => (await user.get('/secrets')).body.data.find((one: { name: string }) => one.name === name),
      ({ lastUsedAt }) => lastUsedAt !== null,
    );
    expect(body.data.length).toBeGreaterThan(1);
    expect(new Date(used.lastUsedAt as string).getTime() % 60_000).toBe(0);
  });

  it('keeps it out of result, error and log, in each form that the target gives it back in (K04)', async () => {
    const { name, value } = await stage.store(user);
    const url = `https-${randomBytes(6).toString('hex')}`;
    await user.post('/secrets', { name: 'address', value: `${stage.target.url}/fail?key=${url}` }).expect(201);
    stage.planted.push(url);
    await user.post('/secrets', { name: 'ascii', value: `Bearer ascii-${url}` }).expect(201);
    const failing = await submit(
      user,
      stage.call('', name, { url: { $secret: 'address' }, headers: { Authorization: { $secret: 'ascii' } } }),
    );
    const failed = await jobThatIs(user, failing.id, 'failed');
    expect(stage.target.received('/fail').at(-1)).toMatchObject({
      url: `/fail?key=${url}`,
      headers: { authorization: `Bearer ascii-${url}` },
      body: { deep: [{ token: value }] },
    });
    const executions = await executionsOf(user, failing.id);
    expect(executions.length).toBe(2);
    const logs = await user.get(`/jobs/${failing.id}/logs`).expect(200);
    const shown = JSON.stringify([failed, executions, await runsOf(user, failing.id), logs.body]);
    expect(shown).toContain('***');
    expect(String(failed.errorMessage)).toMatch(/status 500.*\*\*\*/s);
    for (const form of [...formsOf(value), ...formsOf(url)]) expect(shown.includes(form)).toBe(false);
  });

  it('keeps it out of what a handler answers and logs', async () => {
    const { name, value } = await stage.store(user);
    const job = await submit(user, text(name));
    const done = await jobThatIs(user, job.id, 'completed');
    expect(done['result']).toEqual({ text: '***' });
    const { body } = await user.get(`/jobs/${job.id}/logs`).expect(200);
    expect(JSON.stringify(body)).toContain('{\\"text\\":\\"***\\"}');
    for (const form of formsOf(value)) expect(JSON.stringify([done, body]).includes(form)).toBe(false);
  });

  it.each<[string, object, string]>([
    ['an unknown one', { a: { b: [{ $secret: 'nobody-has-this' }] } }, '/payload/a/b/0/$secret'],
    ['more than the name', { a: { $secret: 'billing-token', b: 1 } }, '/payload/a/$secret'],
    ['no name', { a: { $secret: 1 } }, '/payload/a/$secret'],
    ['all of the payload', { $secret: 'billing-token' }, '/payload/$secret'],
  ])('as %s is refused with its pointer', async (_, payload, pointer) => {
    const job = { name: 'x', type: 'one_time', scheduledAt: inMs(60_000) };
    const kept = await submit(user, job);
    const tries = [
      user.post('/jobs', { ...job, payload }),
      user.patch(`/jobs/${kept.id}`, { payload }),
      user.put(`/jobs/${kept.id}`, { ...job, payload }),
      user.post(`/jobs/${kept.id}/trigger`, { payload }),
    ];
    for (const request of tries)
      expect((await request.expect(400)).body.errors).toContainEqual(expect.objectContaining({ pointer }));
    const bulk = await user.post('/jobs/bulk', { jobs: [job, { ...job, payload }] }).expect(400);
    expect(bulk.body.errors).toContainEqual(expect.objectContaining({ pointer: `/jobs/1${pointer}` }));
  });

  it.each([
    ['a number', { timeoutMs: { $secret: 'billing-token' } }, '/payload/timeoutMs'],
    ['a word of a list', { method: { $secret: 'billing-token' } }, '/payload/method'],
    ['an object', { headers: { $secret: 'billing-token' } }, '/payload/headers'],
  ])('where %s must stand is refused', async (_, more, pointer) => {
    const { body } = await user.post('/jobs', stage.call('/ok', 'billing-token', more)).expect(400);
    expect(body.errors).toContainEqual(expect.objectContaining({ pointer }));
  });

  it('gets the value of the day: replaced meanwhile', async () => {
    const { name } = await stage.store(user);
    const job = await submit(user, stage.call('/replaced', name, {}, { scheduledAt: inMs(60_000) }));
    const value = stage.aValue();
    await user.put(`/secrets/${name}`, { value }).expect(200);
    await user.post(`/jobs/${job.id}/trigger`).expect(201);
    const [received] = await eventually(
      () => stage.target.received('/replaced'),
      (calls) => calls.length === 1,
    );
    expect(received?.body).toEqual({ deep: [{ token: value }] });
  });

  it('fails at once when the secret is gone meanwhile', async () => {
    const { name } = await stage.store(user);
    const job = await submit(user, stage.call('/deleted', name, {}, { scheduledAt: inMs(1_500) }));
    await user.delete(`/secrets/${name}`).expect(204);
    const failed = await jobThatIs(user, job.id, 'failed');
    expect(failed.errorMessage).toBe(`The payload refers to the secret "${name}", which no longer exists.`);
    expect((await executionsOf(user, job.id)).length).toBe(1);
    expect(stage.target.received('/deleted')).toEqual([]);
    await user.patch(`/jobs/${job.id}`, { name: 'renamed' }).expect(400, /You have no secret/);
  });
});

describe('whose secret', () => {
  it('is used is the owner’s alone: under one name each has their own', async () => {
    const other = await stage.aPerson();
    const [mine, theirs] = [await stage.store(user, 'shared-name'), await stage.store(other, 'shared-name')];
    for (const [owner, { value }] of [[user, mine] as const, [other, theirs] as const]) {
      const job = await submit(owner, stage.call('/whose', 'shared-name'));
      await jobThatIs(owner, job.id, 'completed');
      expect(stage.target.received('/whose').at(-1)?.body).toEqual({ deep: [{ token: value }] });
    }
    await other.delete('/secrets/shared-name').expect(204);
    await user.get('/secrets').expect(200, /shared-name/);
  });

  it('another, an admin too, can neither refer to nor put into another’s job', async () => {
    const { name } = await stage.store(user);
    const job = await submit(user, stage.call('/admin', name, {}, { scheduledAt: inMs(60_000) }));
    const admin = await stage.aPerson();
    await stage.database.query(`UPDATE users SET role = 'admin' WHERE id = $1`, [admin.id]);
    const own = await stage.store(admin);
    await admin.post('/jobs', stage.call('/admin', name)).expect(400, /You have no secret/);
    const payload = { url: `${stage.target.url}/admin`, body: { $secret: own.name } };
    await admin.patch(`/jobs/${job.id}`, { payload }).expect(404);
    await admin.put(`/jobs/${job.id}`, stage.call('/admin', own.name)).expect(404);
    await admin.post(`/jobs/${job.id}/trigger`, { payload }).expect(404);
    await user.patch(`/jobs/${job.id}`, { payload }).expect(400, /You have no secret/);
    const listed = await admin.get(`/admin/jobs?userId=${user.id}`).expect(200);
    expect(JSON.stringify(listed.body)).toContain(`{"$secret":"${name}"}`);
    expect(stage.target.received('/admin')).toEqual([]);
  });

  it('goes with its owner’s account', async () => {
    const person = await stage.aPerson();
    const { name } = await stage.store(person);
    const job = await submit(person, stage.call('/gone', name, {}, { scheduledAt: inMs(2_000) }));
    expect((await stage.rowsOf(name)).length).toBe(1);
    await stage.http
      .delete('/auth/account')
      .set('authorization', `Bearer ${person.token}`)
      .send({ password })
      .expect(204);
    expect(await stage.rowsOf(name)).toEqual([]);
    const { rows } = await stage.database.query(`SELECT status FROM jobs WHERE id = $1`, [job.id]);
    expect(rows).toEqual([{ status: 'cancelled' }]);
  });
});

describe('after all of it', () => {
  it('no value stands in any table, nor in the log, in any form (K05)', async () => {
    expect(stage.planted.length).toBeGreaterThan(30);
    await stage.expectNothingLeaked();
  });
});
