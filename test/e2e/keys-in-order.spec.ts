import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { inMs, jobOf, jobThatIs, runsOf, submit } from '../support/jobs.js';
import { SecretStage } from '../support/secrets/stage.js';
import type { TestUser } from '../support/user.js';

let stage: SecretStage;
let user: TestUser;
beforeAll(async () => {
  stage = await SecretStage.open({});
  user = await stage.aPerson();
});
afterAll(() => stage?.close());

/** Neither by letters nor by length, at any depth. */
const inOrder = { type: 'event', id: 7, at: '2027-01-01', a: { zz: 1, b: [{ yy: 1, x: 2 }], aaa: 3 } };
const text = JSON.stringify(inOrder);
const call = (path: string, body: object = inOrder) => ({ url: stage.target.url + path, method: 'POST', body });
const aJob = (path: string, more: object = {}) => ({
  name: 'signed',
  type: 'one_time',
  handler: 'http',
  payload: call(path),
  ...more,
});
const bodyOf = (job: Record<string, unknown>): string =>
  JSON.stringify((job['payload'] as { body: unknown } | undefined)?.body);
const received = (path: string): string[] => stage.target.received(path).map(({ body }) => JSON.stringify(body));

it.each([
  ['at once', {}],
  ['a little later', { scheduledAt: inMs(1_500) }],
])('the keys of a payload arrive %s, and are shown, in the order they were sent in', async (when, more) => {
  const path = `/in-order-${when.length}`;
  const job = await submit(user, aJob(path, more));
  expect(Object.keys(job['payload'] as object)).toEqual(['url', 'method', 'body']);
  expect(bodyOf(job)).toBe(text);
  const ended = await jobThatIs(user, job.id, 'completed');
  expect(Object.keys(ended['payload'] as object)).toEqual(['url', 'method', 'body']);
  expect(bodyOf(ended)).toBe(text);
  expect(received(path)).toEqual([text]);
});

it('so are those of a payload that a run was triggered with, and of one that was changed', async () => {
  const job = await submit(user, aJob('/never', { scheduledAt: inMs(3_600_000) }));
  const other = { zulu: 1, al: { c: 1, bb: 2, a: 3 } };
  await user.post(`/jobs/${job.id}/trigger`, { payload: call('/triggered', other) }).expect(201);
  await eventually(
    () => received('/triggered'),
    (bodies) => bodies.length > 0,
  );
  expect(received('/triggered')).toEqual([JSON.stringify(other)]);
  const changed = await user.patch(`/jobs/${job.id}`, { payload: call('/changed', { b: 1, aa: 2, a: 3 }) }).expect(200);
  expect(bodyOf(changed.body)).toBe('{"b":1,"aa":2,"a":3}');
  const again = await user.patch(`/jobs/${job.id}`, { payload: call('/changed', { a: 3, aa: 2, b: 1 }) }).expect(200);
  expect(bodyOf(again.body)).toBe('{"a":3,"aa":2,"b":1}');
  expect(bodyOf(await jobOf(user, job.id))).toBe('{"a":3,"aa":2,"b":1}');
});

it('so are those of a body with a secret in it', async () => {
  const { name, value } = await stage.store(user);
  const job = await submit(user, aJob('/secret', { payload: call('/secret', { zz: { $secret: name }, a: 1 }) }));
  await jobThatIs(user, job.id, 'completed');
  expect(received('/secret')).toEqual([JSON.stringify({ zz: value, a: 1 })]);
});

it('so are those of many jobs at once, and of an answer that is given again', async () => {
  const later = { scheduledAt: inMs(3_600_000) };
  const jobs = [aJob('/a', later), aJob('/b', later), aJob('/c', later)];
  const send = () => user.post('/jobs/bulk', { jobs }).set('idempotency-key', 'in-order').expect(201);
  const [first, replayed] = [await send(), await send()];
  expect(replayed.text).toBe(first.text);
  const { body } = await user.get('/jobs?limit=3').expect(200);
  for (const job of body.data) expect(bodyOf(job)).toBe(text);
  const one = () => user.post('/jobs', aJob('/d', later)).set('idempotency-key', 'one-in-order').expect(201);
  const [told, again] = [await one(), await one()];
  expect(again.text).toBe(told.text);
  expect(bodyOf(again.body)).toBe(text);
});

it('so are those of a result, wherever it is shown', async () => {
  const job = await submit(user, aJob('/result'));
  const ended = await jobThatIs(user, job.id, 'completed');
  const [run] = await runsOf(user, job.id);
  const { body } = await user.get(`/runs/${run?.id}/executions`).expect(200);
  const keys = Object.keys(ended['result'] as object);
  expect(keys[0]).toBe('status');
  expect(keys.indexOf('body')).toBeGreaterThan(0);
  expect(Object.keys(body.data[0].result)).toEqual(keys);
});
