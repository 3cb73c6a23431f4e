import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { eventually } from '../support/eventually.js';
import { jobOf, submit } from '../support/jobs.js';
import { ProductProcess } from '../support/processes.js';
import { startServices } from '../support/services.js';
import type { Services } from '../support/services.js';
import { aUser, password } from '../support/user.js';
import type { TestUser } from '../support/user.js';

/** Rows C16 and C18 of test/cases/hostile_inputs.md, with hashes that cost what they do in production. */
let services: Services;
let product: ProductProcess;
let user: TestUser;

beforeAll(async () => {
  services = await startServices();
  const unlimited = { LIMIT_LOGINS_PER_ACCOUNT: '0', LIMIT_LOGINS_PER_ADDRESS: '0' };
  product = await ProductProcess.start({ ...services.environment, ...unlimited, BCRYPT_COST: '9' });
  user = await aUser({ http: supertest(product.url) });
});
afterAll(async () => {
  await product.end();
  await services.drop();
});

async function login(email: string, given: string) {
  const startedAt = performance.now();
  const answer = await fetch(`${product.url}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: given }),
  });
  const text = (await answer.text()).replace(/"requestId":"[^"]+"/, '');
  const headers = [...answer.headers.keys()].sort();
  return { status: answer.status, text, headers, ms: performance.now() - startedAt };
}

const median = (values: number[]): number => values.sort((x, y) => x - y)[values.length >> 1] ?? NaN;

/** Known and unknown in turn, so that what else the machine does meets both alike. @returns by how much the medians differ */
async function difference(tries: number): Promise<number> {
  const times: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] };
  for (let round = 0; round < tries; round += 1)
    for (const kind of round % 2 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const)) {
      const email = kind === 'known' ? user.email : `nobody-${round}@example.com`;
      times[kind].push((await login(email, `wrong password ${round}`)).ms);
    }
  const [known, unknown] = [median(times.known), median(times.unknown)];
  return Math.abs(known - unknown) / Math.max(known, unknown);
}

describe('C16 a login that is refused', () => {
  it('is answered alike whether or not there is such an account', async () => {
    const [known, unknown] = [await login(user.email, 'wrong password'), await login('nobody@example.com', 'wrong')];
    expect(known.status).toBe(401);
    expect({ ...unknown, ms: 0 }).toEqual({ ...known, ms: 0 });
  });

  it('takes as long: the medians of 200 tries each are within a tenth of each other', async () => {
    // A machine with other things to do may disturb one series; an account that shows would show in each.
    let least = Infinity;
    for (let series = 0; series < 3 && least > 0.1; series += 1) least = Math.min(least, await difference(200));
    expect(least).toBeLessThan(0.1);
  });
});

describe('C18 200 logins at once', () => {
  it('are answered or turned away with a time to come back, while health answers and jobs run', async () => {
    const logins = Promise.all(
      Array.from({ length: 200 }, (_, at) => login(at % 2 ? user.email : `nobody-${at}@example.com`, password)),
    );
    const jobs = await Promise.all(
      Array.from({ length: 20 }, () => submit(user, { name: 'x', type: 'one_time', handler: 'log', payload: {} })),
    );
    const startedAt = performance.now();
    expect((await fetch(`${product.url}/health/live`)).status).toBe(200);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    for (const { id } of jobs)
      await eventually(
        () => jobOf(user, id),
        ({ status }) => status === 'completed',
      );
    const answers = await logins;
    for (const { status, headers } of answers) {
      expect([200, 401, 429, 503]).toContain(status);
      if (status === 429 || status === 503) expect(headers).toContain('retry-after');
    }
    expect(answers.some(({ status }) => status === 200)).toBe(true);
  });
});

describe('60 connections of one user that change the password without end', () => {
  it.each([
    ['right', password],
    ['wrong', 'not the password'],
  ])('keep nobody else from logging in: with the %s one', async (_, currentPassword) => {
    const eve = await aUser({ http: supertest(product.url) });
    let isOver = false;
    const statuses = new Set<number>();
    const body = JSON.stringify({ currentPassword, newPassword: 'password1' });
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${eve.token}` };
    const flood = Array.from({ length: 60 }, async () => {
      for (let sent = 0; sent < 200 && !isOver; sent += 1) {
        const answer = await fetch(`${product.url}/auth/change-password`, { method: 'POST', headers, body });
        await answer.arrayBuffer();
        statuses.add(answer.status);
      }
    });
    await eventually(
      () => statuses.size,
      (count) => count > 0,
    );
    const logins = await Promise.all(Array.from({ length: 16 }, () => login(user.email, password)));
    isOver = true;
    await Promise.all(flood);
    expect(logins.map(({ status }) => status)).toEqual(Array(16).fill(200));
    expect([...statuses].every((status) => [400, 403, 429, 503].includes(status))).toBe(true);
  });
});
