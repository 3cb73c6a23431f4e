import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aMailServer } from '../integration/handlers/mail-server.js';
import type { MailServer } from '../integration/handlers/mail-server.js';
import { aTarget } from '../integration/handlers/target.js';
import type { Target } from '../integration/handlers/target.js';
import { startApp } from '../support/app.js';
import type { TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { executionsOf, inMs, jobThatIs, runsOf, submit } from '../support/jobs.js';
import { aUser } from '../support/user.js';
import type { TestUser } from '../support/user.js';

const baseDelayMs = 200;

let app: TestApp;
let mail: MailServer;
let user: TestUser;
const targets: Target[] = [];

beforeAll(async () => {
  mail = await aMailServer();
  app = await startApp({
    SMTP_HOST: '127.0.0.1',
    SMTP_PORT: String(mail.port),
    NOTIFY_INTERVAL_MS: '50',
    RETRY_DELAY_MS: String(baseDelayMs),
  });
  user = await aUser(app);
});
afterAll(async () => {
  await app.stop();
  await mail.close();
  await Promise.all(targets.map((target) => target.close()));
});

/** A server that answers these statuses in turn, the last one for ever. */
async function answering(...statuses: number[]): Promise<Target> {
  const target = await aTarget((_, response, nth) => {
    response.statusCode = statuses[Math.min(nth, statuses.length) - 1] ?? 500;
    response.end(`answer ${nth}`);
  });
  targets.push(target);
  return target;
}

const httpJob = (target: Target, more: object = {}) => ({
  name: 'call',
  type: 'one_time',
  handler: 'http',
  payload: { url: target.url },
  ...more,
});

const mailsTo = (address: string) => mail.taken.filter(({ recipients }) => recipients.includes(address));

describe('an http job', () => {
  it('that meets 500, 500 and 200 succeeds at the third attempt, after waits that double', async () => {
    const target = await answering(500, 500, 200);
    const { id } = await submit(user, httpJob(target));
    const job = await jobThatIs(user, id, 'completed');
    expect(job).toMatchObject({ retryCount: 2, errorMessage: null, result: { status: 200, body: 'answer 3' } });

    const [first, second, third, ...more] = await executionsOf(user, id);
    expect(more).toEqual([]);
    expect([first, second, third].map((execution) => execution?.status)).toEqual(['failed', 'failed', 'succeeded']);
    const wait = (before: typeof first, after: typeof first) =>
      Date.parse(after?.dueAt ?? '') - Date.parse(before?.completedAt ?? '');
    // A tenth is jitter; what is above that is the time from the answer to its commit.
    expect(wait(first, second)).toBeGreaterThanOrEqual(baseDelayMs - 1);
    expect(wait(first, second)).toBeLessThan(baseDelayMs * 1.1 + 170);
    expect(wait(second, third)).toBeGreaterThanOrEqual(2 * baseDelayMs - 1);
    expect(wait(second, third)).toBeLessThan(2 * baseDelayMs * 1.1 + 170);
    for (const execution of [second, third])
      expect(Date.parse(execution?.startedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(execution?.dueAt ?? ''));

    const [run] = await runsOf(user, id);
    expect(target.received.map(({ headers }) => headers['idempotency-key'])).toEqual([run?.id, run?.id, run?.id]);
    const tokens = target.received.map(({ headers }) => Number(headers['x-punctual-lease-token']));
    expect(tokens).toEqual([...tokens].sort((a, b) => a - b));
    expect(new Set(tokens).size).toBe(3);
  });

  it('with maxRetries 0 is tried once', async () => {
    const target = await answering(503);
    const { id } = await submit(user, httpJob(target, { maxRetries: 0 }));
    expect((await jobThatIs(user, id, 'failed')).errorMessage).toContain('503');
    expect(await runsOf(user, id)).toMatchObject([{ state: 'failed', reason: 'attempts_exhausted', attempts: 1 }]);
    expect(target.received).toHaveLength(1);
  });

  it('whose error will not go away fails at once', async () => {
    const target = await answering(422);
    const { id } = await submit(user, httpJob(target, { maxRetries: 5 }));
    await jobThatIs(user, id, 'failed');
    expect(await runsOf(user, id)).toMatchObject([{ state: 'failed', reason: 'not_retryable', attempts: 1 }]);
    expect(target.received).toHaveLength(1);
  });

  it('that is cancelled while it runs stops within two seconds and ends cancelled', async () => {
    const target = await aTarget(() => undefined);
    targets.push(target);
    const { id } = await submit(user, httpJob(target));
    await eventually(
      () => target.received.length,
      (count) => count === 1,
    );
    expect((await jobThatIs(user, id, 'running')).startedAt).not.toBeNull();
    const asked = performance.now();
    expect((await user.post(`/jobs/${id}/cancel`).expect(200)).body).toMatchObject({ status: 'cancelled' });
    await target.closed;
    const [run] = await eventually(
      () => runsOf(user, id),
      ([one]) => one?.state !== 'running',
    );
    expect(performance.now() - asked).toBeLessThan(2_000);
    expect(run).toMatchObject({ state: 'cancelled', attempts: 1 });
    expect(await executionsOf(user, id)).toMatchObject([{ status: 'cancelled' }]);
  });
});

describe('an email job', () => {
  it('arrives at the SMTP server', async () => {
    const payload = {
      to: 'Grace <grace@example.com>',
      cc: 'joan@example.com',
      subject: 'Zum Mond',
      text: 'Los geht’s',
    };
    const { id } = await submit(user, { name: 'mail', type: 'one_time', handler: 'email', payload });
    expect((await jobThatIs(user, id, 'completed')).result).toMatchObject({
      accepted: ['grace@example.com', 'joan@example.com'],
    });
    const [message, ...more] = mailsTo('grace@example.com');
    expect(more).toEqual([]);
    expect(message?.recipients).toEqual(['grace@example.com', 'joan@example.com']);
    expect(message?.email.subject).toBe('Zum Mond');
    expect(message?.email.text?.trim()).toBe('Los geht’s');
  });
});

describe('a run that has failed for good', () => {
  it('is mailed to the owner once, with its error and its attempts', async () => {
    const owner = await aUser(app);
    const target = await answering(500);
    const { id } = await submit(owner, httpJob(target, { name: 'nightly copy', maxRetries: 1, retryDelayMs: 20 }));
    await jobThatIs(owner, id, 'failed');
    const quiet = await submit(owner, httpJob(target, { maxRetries: 0, notifyOnFailure: false }));
    await jobThatIs(owner, quiet.id, 'failed');
    const later = await submit(owner, httpJob(target, { name: 'later', maxRetries: 0 }));
    await jobThatIs(owner, later.id, 'failed');

    const mails = await eventually(
      () => mailsTo(owner.email),
      (all) => all.some(({ email }) => email.subject?.includes('later')),
    );
    expect(mails.map(({ email }) => email.subject)).toEqual([
      expect.stringContaining('nightly copy'),
      expect.stringContaining('later'),
    ]);
    const text = mails[0]?.email.text ?? '';
    expect(text).toContain('500');
    for (const { attemptNumber, startedAt } of await executionsOf(owner, id))
      expect(text).toContain(`${attemptNumber}  failed  ${startedAt}`);
  });
});

describe('a thousand jobs due at one instant', () => {
  it('each run exactly once, and none before its time', async () => {
    const arrivals = new Map<string, number[]>();
    const target = await aTarget((request, response) => {
      const key = String(request.headers['idempotency-key']);
      arrivals.set(key, [...(arrivals.get(key) ?? []), Date.now()]);
      response.end();
    });
    targets.push(target);
    const sender = await aUser(app);
    const scheduledAt = inMs(2_000);
    const jobs = Array.from({ length: 1_000 }, (_, index) => httpJob(target, { name: `job ${index}`, scheduledAt }));
    expect((await sender.post('/jobs/bulk', { jobs }).expect(201)).body.data).toHaveLength(1_000);

    await eventually(
      async () => (await sender.get('/jobs?status=completed&limit=1').expect(200)).body.meta.total as number,
      (total) => total === 1_000,
      { withinMs: 60_000, everyMs: 200 },
    );
    expect(arrivals.size).toBe(1_000);
    const times = [...arrivals.values()].flat();
    expect(times).toHaveLength(1_000);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(Date.parse(scheduledAt));
    const [{ count }] = await app.database.query<[{ count: number }]>(
      `SELECT count(*)::integer FROM executions e JOIN jobs j ON j.id = e.job_id WHERE j.user_id = $1`,
      [sender.id],
    );
    expect(count).toBe(1_000);
  });
});
