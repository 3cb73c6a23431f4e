import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { longestWaitMs } from '../support/longest-wait.js';
import { ProductProcess } from '../support/processes.js';
import { startServices } from '../support/services.js';
import type { Services } from '../support/services.js';
import { aUser } from '../support/user.js';
import type { TestUser } from '../support/user.js';

let services: Services;
let product: ProductProcess;
let user: TestUser;

// A process of its own: what a test runs is several times slower than what is deployed.
beforeAll(async () => {
  services = await startServices();
  product = await ProductProcess.start(services.environment);
  user = await aUser({ http: supertest(product.url) });
});
afterAll(async () => {
  await product.end();
  await services.drop();
});

const recurring = (fields: object) => ({ name: 'job', type: 'recurring', ...fields });
const submitted = async (fields: object) => (await user.post('/jobs', recurring(fields)).expect(201)).body;
const lines = (line: (index: number) => string): string[] => Array.from({ length: 20 }, (_, index) => line(index));
const everySecond = lines((index) => `${index * 3} * * * * *`);
const leapDays = (of = 0) => lines((index) => `${(index * 3 + of) % 60} ${(index + of) % 24} 29 2 *`);
const never = lines((index) => `${index} 0 30 2 */2,${index % 7}`);
const soon = '2030-01-01T00:00:00Z';
const dates = Array.from({ length: 1_000 }, (_, day) =>
  new Date(Date.UTC(2030, 0, day + 1)).toISOString().slice(0, 10),
);

/** What `/health/live` may have to wait for, on a process that has nothing else to do. */
const mostMs = 100;
/** Reading and answering a body of 800 kB is not broken up; checking what it says would take 2 s and more. */
const mostBulkMs = 400;
const expectPrompt = async (what: string, act: () => PromiseLike<unknown>): Promise<void> => {
  const ms = await longestWaitMs(product, act, mostMs);
  if (ms >= mostMs) throw new Error(`${what} kept the process busy for ${Math.round(ms)} ms`);
};

describe('however far ahead somebody asks, the process goes on', () => {
  const jobs = {
    'each second, of a thousand million runs': { cron: '* * * * * *', maxRuns: 1_000_000_000, startsAt: soon },
    'twenty lines, of a million runs': { cron: everySecond, maxRuns: 1_000_000, startsAt: soon },
    'twenty leap days': { cron: leapDays(), timezone: 'Europe/Berlin', maxRuns: 1_000_000 },
    'twenty hashed leap days': { cron: lines((index) => `H H(${index}-23) 29 2 1`), timezone: 'Asia/Tokyo' },
    'each hour, of a million runs': { recurrencePattern: 'hourly', maxRuns: 1_000_000, timezone: 'Africa/Casablanca' },
    'each second, with jitter and exclusions': {
      intervalMs: 1_000,
      jitterMs: 900,
      excludeDates: dates,
      maxRuns: 9_999_999,
    },
  };
  const asked = [
    'next-runs?count=100&from=2030-12-01T00:00:00Z',
    'next-runs?count=100&from=9999-12-31T23:59:59Z',
    'explain?at=2030-12-01T00:00:00Z',
    'explain?at=9999-12-31T23:59:59Z',
    'ledger?from=2030-12-01T00:00:00Z&to=2030-12-01T02:00:00Z',
    'ledger?from=2026-01-01T00:00:00Z&to=9999-12-31T23:59:59Z',
  ];
  it.each(Object.entries(jobs))('asked about %s', async (_what, fields) => {
    const { id } = await submitted(fields);
    for (const query of asked)
      await expectPrompt(query, async () => {
        const { status } = await user.get(`/jobs/${id}/${query}`);
        expect([200, 422]).toContain(status);
      });
    const range = { from: '1000-01-01T00:00:00Z', to: new Date(Date.now() - 1_000).toISOString() };
    await expectPrompt('backfill', () => user.post(`/jobs/${id}/backfill`, range));
    await expectPrompt('PUT', () =>
      user.put(`/jobs/${id}`, recurring({ ...fields, endsAt: '9999-01-01T00:00:00Z' })).expect(200),
    );
    await expectPrompt('PATCH', () => user.patch(`/jobs/${id}`, { maxRuns: 999_999_999 }).expect(200));
    await user.delete(`/jobs/${id}`).expect(204);
  });

  it.each([
    [{ cron: never, timezone: 'Europe/Berlin' }, 422],
    [{ cron: leapDays(), timezone: 'Europe/Berlin', startsAt: '9990-01-01T00:00:00Z' }, 200],
    [{ cron: leapDays(), timezone: 'Europe/London', from: '9900-01-01T00:00:00Z', count: 100 }, 200],
    [{ cron: everySecond, maxRuns: 1_000_000_000, from: '9999-01-01T00:00:00Z', count: 100, excludeDates: dates }, 200],
    [{ intervalMs: 1_000, anchorAt: '0100-01-01T00:00:00Z', from: '9999-01-01T00:00:00Z', count: 100 }, 200],
    [{ recurrencePattern: 'monthly', anchorAt: '0100-01-31T00:00:00Z', from: '9990-01-01T00:00:00Z', count: 100 }, 200],
  ])('previewing %#', async (body, status) => {
    await expectPrompt('preview', () => user.post('/schedules/preview', body).expect(status));
    const { count: _count, from: _from, ...fields } = body as Record<string, unknown>;
    await expectPrompt('POST', () => user.post('/jobs', recurring(fields)));
  });

  it('says that it has not counted the runs before, rather than count them or promise more', async () => {
    const { id } = await submitted({ cron: '* * * * *', maxRuns: 30_000, startsAt: soon });
    const near = (await user.get(`/jobs/${id}/next-runs?count=1&from=2030-01-02T00:00:00Z`).expect(200)).body;
    expect(near.nextRuns).toHaveLength(1);
    const far = (await user.get(`/jobs/${id}/next-runs?count=1&from=2030-01-10T00:00:00Z`).expect(200)).body;
    expect(far.nextRuns).toEqual([]);
    expect(far.warnings[0]).toMatchObject({ code: 'max_runs_not_counted', pointer: '/maxRuns' });
    const range = 'from=2030-01-10T00:00:00Z&to=2030-01-10T01:00:00Z';
    expect((await user.get(`/jobs/${id}/ledger?${range}`).expect(422)).body.code).toBe('RANGE_TOO_FAR');
  });

  it('checks and plans a thousand jobs in slices', async () => {
    const many = (cron: (job: number) => string[]) =>
      Array.from({ length: 1_000 }, (_, job) => recurring({ cron: cron(job), timezone: 'Europe/Berlin' }));
    const bulk = { jobs: many((job) => leapDays(job)) };
    const checked = await longestWaitMs(product, () => user.post('/jobs/bulk', bulk).expect(201), mostBulkMs);
    expect(checked).toBeLessThan(mostBulkMs);
  });
});
