import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { eventually } from '../support/eventually.js';
import { executionsOf, jobOf, jobThatIs, submit } from '../support/jobs.js';
import { ProductProcess } from '../support/processes.js';
import { startServices } from '../support/services.js';
import type { Services } from '../support/services.js';
import { aUser } from '../support/user.js';
import type { TestUser } from '../support/user.js';

const handlers = ['--import', new URL('../support/threads/handlers.mjs', import.meta.url).href];
const leaseMs = 1_500;

let services: Services;
let api: ProductProcess;
let worker: ProductProcess;
let user: TestUser;

const start = (roles: string): Promise<ProductProcess> =>
  ProductProcess.start(
    {
      ...services.environment,
      ...{ ROLES: roles, LEASE_MS: String(leaseMs), RECOVERY_INTERVAL_MS: '200', STOP_GRACE_MS: '200' },
      ...{ HANDLER_THREADS: '2' },
    },
    handlers,
  );

beforeAll(async () => {
  services = await startServices();
  api = await start('api,ticker');
  worker = await start('worker');
  user = await aUser({ http: supertest(api.url) });
});
afterAll(async () => {
  await worker.end('SIGKILL');
  await api.end();
  await services.drop();
});

const of = (handler: string, given: object = {}) =>
  submit(user, { name: handler, type: 'one_time', handler, maxRetries: 0, payload: {}, ...given });

const linesOf = async (id: string): Promise<string[]> =>
  (await user.get(`/jobs/${id}/logs`).expect(200)).body.data.map(({ message }: { message: string }) => message);

const looping = (id: string) =>
  eventually(
    () => linesOf(id),
    (lines) => lines.includes('looping'),
  );

/** What the job's only attempt ended as, and what is said of it. */
async function ended(id: string, status: string) {
  await jobThatIs(user, id, status);
  const executions = await executionsOf(user, id);
  expect(executions).toHaveLength(1);
  return executions[0]!;
}

describe('a job whose handler runs in a thread', () => {
  it('is done there, with its lines in order and its result', async () => {
    const { id } = await of('adds', { payload: { a: 19, b: 23 } });
    const execution = await ended(id, 'completed');
    expect(execution['result']).toEqual({ sum: 42, inThread: true });
    const lines = await eventually(
      () => linesOf(id),
      (all) => all.includes('added'),
    );
    expect(lines.indexOf('added')).toBeGreaterThan(lines.indexOf('adding'));
  });

  it('may block its thread for longer than the lease: it keeps its run, and others are done meanwhile', async () => {
    const { id } = await of('loops', { timeoutMs: 2 * leaseMs });
    await looping(id);
    const others = await Promise.all(Array.from({ length: 20 }, () => of('log')));
    for (const other of others) await jobThatIs(user, other.id, 'completed');
    expect((await jobOf(user, id)).status).toBe('running');
    const { status, errorMessage } = await ended(id, 'failed');
    expect([status, errorMessage]).toEqual([
      'timed_out',
      `The attempt took longer than its limit of ${2 * leaseMs} ms.`,
    ]);
    await eventually(
      async () => (await supertest(worker.url).get('/metrics').expect(200)).text,
      (text) => /^scheduler_abandoned_handlers 0$/m.test(text) && /^scheduler_abandoned_handlers_total 1$/m.test(text),
    );
  });

  it('can be cancelled in the middle of a loop', async () => {
    const { id } = await of('loops');
    await looping(id);
    await user.post(`/jobs/${id}/cancel`, {});
    await jobThatIs(user, id, 'cancelled');
    await eventually(
      async () => (await executionsOf(user, id)).map(({ status }) => status),
      (statuses) => statuses.join() === 'cancelled',
    );
  });

  it.each([
    ['exits', /thread ended before it answered: .*7/],
    ['hoards', /needed more memory than its limit of 48 MB/],
  ])('%s: fails alone', async (handler, text) => {
    expect((await ended((await of(handler)).id, 'failed'))['errorMessage']).toMatch(text);
    expect((await ended((await of('adds', { payload: { a: 1, b: 1 } })).id, 'completed'))['status']).toBe('succeeded');
    expect(worker.over).toBe(false);
  });

  it('is handed back by a worker that stops in the middle of a loop, and goes on elsewhere', async () => {
    const { id } = await of('loops', { timeoutMs: 60_000 });
    await looping(id);
    expect(await worker.end()).toBe(0);
    expect(['pending', 'retrying']).toContain((await jobOf(user, id)).status);
    worker = await start('worker');
    await eventually(
      () => linesOf(id),
      (lines) => lines.filter((line) => line === 'looping').length === 2,
    );
    expect((await jobOf(user, id)).status).toBe('running');
    await user.post(`/jobs/${id}/cancel`, {});
    await jobThatIs(user, id, 'cancelled');
  });
});
