import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import supertest from 'supertest';
import { eventually } from '../support/eventually.js';
import { executionsOf, jobOf, jobThatIs, submit } from '../support/jobs.js';
import { ProductProcess } from '../support/processes.js';
import { startServices } from '../support/services.js';
import type { Services } from '../support/services.js';
import { aUser } from '../support/user.js';
import type { TestUser } from '../support/user.js';

/** Rows G09 and G10 of test/cases/hostile_inputs.md, in real worker processes, one of which is kept alive as a supervisor does. */
const handlers = ['--import', new URL('../support/hostile/handlers.mjs', import.meta.url).href];
const small = '--max-old-space-size=96';

let services: Services;
let api: ProductProcess;
let user: TestUser;
let worker: ProductProcess;

const environmentOf = (roles: string): Record<string, string> => ({
  ...services.environment,
  ...{ ROLES: roles, LEASE_MS: '1500', RECOVERY_INTERVAL_MS: '200', RING_AGAIN_AFTER_MS: '1000', STOP_GRACE_MS: '0' },
  SECRETS_KEYS: `1:${key}`,
});
const key = randomBytes(32).toString('base64');
const aWorker = () => ProductProcess.start(environmentOf('worker'), [small, ...handlers]);

beforeAll(async () => {
  services = await startServices();
  api = await ProductProcess.start(environmentOf('api,ticker'), handlers);
  worker = await aWorker();
  user = await aUser({ http: supertest(api.url) });
});
afterAll(async () => {
  await worker.end('SIGKILL');
  await api.end();
  await services.drop();
});

const of = (handler: string, given: object = {}) =>
  submit(user, { name: handler, type: 'one_time', handler, maxRetries: 0, payload: {}, ...given });

/** The job's end, with what became of its one attempt. */
async function failed(id: string) {
  const job = await jobThatIs(user, id, 'failed');
  const executions = await executionsOf(user, id);
  expect(executions).toHaveLength(1);
  return { job, execution: executions[0]!, message: String(executions[0]?.['errorMessage']) };
}

const goodOnes = () => Promise.all(Array.from({ length: 5 }, () => of('log', { maxRetries: 5, onLost: 'retry' })));
const allDone = (jobs: { id: string }[]) => Promise.all(jobs.map(({ id }) => jobThatIs(user, id, 'completed')));

describe('G09 a handler that takes its worker along', () => {
  it.each(['loops', 'allocates', 'exits', 'aborts', 'throws-elsewhere'])(
    '%s: its attempt is lost, its neighbours are run by another worker',
    async (handler) => {
      const good = await goodOnes();
      const bad = await of(handler, { timeoutMs: 1_000 });
      await eventually(
        () => jobOf(user, bad.id),
        ({ status }) => status !== 'pending',
      );
      const more = await goodOnes();
      // What a supervisor does about a process that is gone or says nothing.
      const before = worker;
      worker = await aWorker();
      await before.end('SIGKILL');
      const { execution } = await failed(bad.id);
      expect(['lost', 'timed_out', 'failed']).toContain(execution['status']);
      await allDone([...good, ...more]);
    },
  );
});

describe('G09 a handler that misbehaves', () => {
  it.each([
    ['throws-null', /threw null/],
    ['rejects-undefined', /threw undefined/],
    ['never-settles', /timed out|time limit|1000 ms/],
  ])('%s: fails by itself, and its error is text', async (handler, text) => {
    const good = await goodOnes();
    const { message } = await failed((await of(handler, { timeoutMs: 1_000 })).id);
    expect(message).toMatch(text);
    await allDone(good);
    expect(worker.over).toBe(false);
  });
});

describe('G10 an error', () => {
  it.each([
    ['huge-message', /^x{1000,}.*cut/],
    ['circular-cause', /outer\nCaused by: \[circular\]/],
    ['throwing-getter', /cannot be read/],
  ])('%s is kept as text of at most 8 kB', async (handler, text) => {
    const { message } = await failed((await of(handler)).id);
    expect(message).toMatch(text);
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(8_192);
    expect(worker.over).toBe(false);
  });

  it('with a secret in its message shows it nowhere, however it is spelled', async () => {
    const value = `planted/${randomBytes(12).toString('base64')}+ü`;
    await user.post('/secrets', { name: 'hostile', value }).expect(201);
    const list = await user.get('/secrets');
    expect(list.status).toBe(200);
    const { job, message } = await failed(
      (await of('secret-in-message', { payload: { token: { $secret: 'hostile' } } })).id,
    );
    expect(message).toMatch(/^refused: /);
    const shown = JSON.stringify([job, message, list.body]) + worker.log + api.log;
    for (const form of [value, encodeURIComponent(value), Buffer.from(value).toString('base64')])
      expect(shown).not.toContain(form);
  });
});
