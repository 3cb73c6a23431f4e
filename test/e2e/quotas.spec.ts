import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aMailServer } from '../integration/handlers/mail-server.js';
import type { MailServer } from '../integration/handlers/mail-server.js';
import { startApp } from '../support/app.js';
import type { TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { executionsOf, inMs, jobOf, submit } from '../support/jobs.js';
import { ProductProcess } from '../support/processes.js';
import { aUser, anAdmin } from '../support/user.js';
import type { TestUser } from '../support/user.js';

const settings = {
  QUOTA_LIVE_JOBS: '40',
  QUOTA_SUBMISSIONS_PER_MINUTE: '5000',
  QUOTA_PAYLOAD_BYTES: '1000',
  QUOTA_MAILS_PER_HOUR: '4',
};

let app: TestApp;
let other: ProductProcess;
let mail: MailServer;
let admin: TestUser;
beforeAll(async () => {
  mail = await aMailServer();
  const smtp = { SMTP_HOST: '127.0.0.1', SMTP_PORT: String(mail.port), NOTIFY_ON_FAILURE: 'false' };
  app = await startApp({ ...settings, ...smtp });
  other = await ProductProcess.start({ ...app.environment, ROLES: 'api' });
  admin = await anAdmin(app);
});
afterAll(async () => {
  await other.end();
  await app.stop();
  await mail.close();
});

const later = { name: 'x', type: 'one_time', handler: 'log', payload: {}, scheduledAt: inMs(86_400_000) };
const bulk = (count: number) => ({ jobs: Array.from({ length: count }, () => later) });
const set = (user: TestUser, quotas: object) => admin.patch(`/admin/users/${user.id}/quotas`, quotas).expect(200);
const usesOf = async (user: TestUser) => (await user.get('/auth/quotas').expect(200)).body;

async function liveOf({ id }: TestUser): Promise<number> {
  const [{ live }] = await app.database.query<[{ live: number }]>(
    `SELECT count(*)::integer AS live FROM jobs WHERE user_id = $1 AND status IN ('pending', 'paused')`,
    [id],
  );
  return live;
}

/** Submits at the other process, so many jobs. @returns the status, and how many were taken */
async function submitThere({ token }: TestUser, count: number): Promise<[status: number, taken: number]> {
  const answer = await fetch(`${other.url}/jobs/bulk`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(bulk(count)),
  });
  await answer.text();
  return [answer.status, answer.ok ? count : 0];
}

describe('live jobs', () => {
  it('stay within the quota, however many come at once to several processes, and all of it can be used', async () => {
    const user = await aUser(app);
    const sizes = Array.from({ length: 60 }, (_, at) => (at % 5) + 1);
    const answers = await Promise.all(
      sizes.map(async (count, at): Promise<[number, number]> => {
        if (at % 2) return submitThere(user, count);
        const { status } = await user.post('/jobs/bulk', bulk(count));
        return [status, status === 201 ? count : 0];
      }),
    );
    const taken = answers.reduce((total, [, count]) => total + count, 0);
    expect(new Set(answers.map(([status]) => status))).toEqual(new Set([201, 409]));
    expect(await liveOf(user)).toBe(taken);
    expect(taken).toBeLessThanOrEqual(40);
    await eventually(
      () => user.post('/jobs', later),
      ({ status }) => status === 409,
    );
    expect(await liveOf(user)).toBe(40);
    expect(await usesOf(user)).toMatchObject({ liveJobs: { allowed: 40, used: 40, isDefault: true } });
  });

  it('beyond the quota are refused with what is allowed and used, a bulk as a whole, until some end', async () => {
    const user = await aUser(app);
    await user.post('/jobs/bulk', bulk(39)).expect(201);
    const refused = await user.post('/jobs/bulk', bulk(2)).expect(409);
    expect(refused.body).toMatchObject({
      ...{ code: 'LIVE_JOB_QUOTA_REACHED', quota: 'liveJobs', allowed: 40, used: 39 },
      detail: expect.stringContaining('2 more would be too many'),
    });
    expect(await liveOf(user)).toBe(39);
    const last = await submit(user, later);
    await user.post('/jobs', later).expect(409);
    await user.post(`/jobs/${last.id}/cancel`).expect(200);
    await eventually(
      () => user.post('/jobs', later),
      ({ status }) => status === 201,
    );
  });

  it('a bulk of a thousand is all or none', async () => {
    const user = await aUser(app);
    await set(user, { liveJobs: 1_500 });
    const [first, second] = await Promise.all([bulk(1_000), bulk(1_000)].map((body) => user.post('/jobs/bulk', body)));
    expect([first?.status, second?.status].sort()).toEqual([201, 409]);
    expect(await liveOf(user)).toBe(1_000);
  });

  it('that were submitted before are answered again, with the quota used up', async () => {
    const user = await aUser(app);
    await set(user, { liveJobs: 1 });
    const send = () => user.post('/jobs', later).set('idempotency-key', 'once');
    const { body } = await send().expect(201);
    await user.post('/jobs', later).expect(409);
    expect((await send().expect(201)).body.id).toBe(body.id);
  });

  it('are not bounded by a quota of 0', async () => {
    const user = await aUser(app);
    await set(user, { liveJobs: 0 });
    await user.post('/jobs/bulk', bulk(100)).expect(201);
    expect(await usesOf(user)).toMatchObject({ liveJobs: { allowed: null, used: 100, isDefault: false } });
  });
});

describe('submissions in a minute', () => {
  it('beyond the quota are refused until the minute is over; a bulk that is too large takes nothing of it', async () => {
    const user = await aUser(app);
    await set(user, { submissionsPerMinute: 10 });
    await user.post('/jobs/bulk', bulk(7)).expect(201);
    const refused = await user.post('/jobs/bulk', bulk(4)).expect(429);
    expect(refused.body).toMatchObject({
      ...{ code: 'SUBMISSION_QUOTA_REACHED', quota: 'submissionsPerMinute', allowed: 10, used: 7 },
    });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    await user.post('/jobs/bulk', bulk(3)).expect(201);
    await user.post('/jobs', later).expect(429);
    expect(await liveOf(user)).toBe(10);
    expect(await usesOf(user)).toMatchObject({ submissionsPerMinute: { allowed: 10, used: 10 } });
    expect((await submitThere(user, 1))[0]).toBe(429);
  });
});

describe('a payload', () => {
  const large = { text: 'ü'.repeat(500) };

  it('beyond the quota is refused with its pointer and size, wherever it is sent', async () => {
    const user = await aUser(app);
    const refused = await user.post('/jobs', { ...later, payload: large }).expect(413);
    expect(refused.body).toMatchObject({
      ...{ code: 'PAYLOAD_QUOTA_EXCEEDED', quota: 'payloadBytes', allowed: 1_000, used: 1_011 },
      errors: [{ pointer: '/payload', detail: expect.stringContaining('1011 bytes') }],
    });
    const inBulk = await user.post('/jobs/bulk', { jobs: [later, { ...later, payload: large }] }).expect(413);
    expect(inBulk.body.errors).toMatchObject([{ pointer: '/jobs/1/payload' }]);
    expect(await liveOf(user)).toBe(0);
    const { id } = await submit(user, { ...later, payload: { text: 'x'.repeat(900) } });
    await user.patch(`/jobs/${id}`, { payload: large }).expect(413);
    await user.put(`/jobs/${id}`, { ...later, payload: large }).expect(413);
    await user.post(`/jobs/${id}/trigger`, { payload: large }).expect(413);
    expect((await jobOf(user, id))['payload']).toEqual({ text: 'x'.repeat(900) });
  });
});

describe('mails', () => {
  it('H09 beyond the quota do not go out: the run says why, and the others have gone', async () => {
    const user = await aUser(app);
    const to = ['a@example.com', 'b@example.com'];
    const jobs = await Promise.all(
      Array.from({ length: 6 }, () =>
        submit(user, {
          ...{ name: 'mail', type: 'one_time', handler: 'email', maxRetries: 0 },
          payload: { to, subject: 'H09', text: 'Hello' },
        }),
      ),
    );
    const ended = await Promise.all(
      jobs.map(({ id }) =>
        eventually(
          () => jobOf(user, id),
          ({ status }) => status === 'completed' || status === 'failed',
        ),
      ),
    );
    const failed = ended.filter(({ status }) => status === 'failed');
    expect(failed.length).toBe(4);
    expect(mail.taken.filter(({ email }) => email.subject === 'H09')).toHaveLength(2);
    const [execution] = await executionsOf(user, failed[0]?.id ?? '');
    expect(execution?.['errorMessage']).toContain('MAIL_QUOTA_REACHED');
    expect(await usesOf(user)).toMatchObject({
      mailsPerHour: { allowed: 4, used: 4, isDefault: true },
      mailsPerDay: { allowed: 5_000, used: 4, isDefault: true },
    });
  });
});

describe('an admin', () => {
  it('sets quotas for one user, sees what is used, and takes them back', async () => {
    const user = await aUser(app);
    await submit(user, later);
    const path = `/admin/users/${user.id}/quotas`;
    const { body: before } = await admin.get(path).expect(200);
    expect(before).toMatchObject({
      liveJobs: { allowed: 40, used: 1, isDefault: true },
      payloadBytes: { allowed: 1_000, used: null, isDefault: true },
    });
    const { body: after } = await set(user, { liveJobs: 7, mailsPerDay: 0 });
    expect(after).toEqual({
      ...before,
      liveJobs: { allowed: 7, used: 1, isDefault: false },
      mailsPerDay: { allowed: null, used: 0, isDefault: false },
    });
    expect(await usesOf(user)).toEqual(after);
    await set(user, { liveJobs: null });
    expect((await admin.get(path).expect(200)).body).toEqual({ ...after, liveJobs: before.liveJobs });
  });

  it.each([
    { liveJobs: -1 },
    { liveJobs: 1.5 },
    { liveJobs: '5' },
    { liveJobs: 2 ** 31 },
    { jobs: 5 },
    { liveJobs: [1] },
  ])('may not set %j', async (quotas) => {
    const answer = await admin.patch(`/admin/users/${admin.id}/quotas`, quotas).expect(400);
    expect(answer.body.errors[0].pointer).toBe(`/${Object.keys(quotas)[0]}`);
  });

  it('finds no quotas of nobody', async () => {
    const path = '/admin/users/0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a14/quotas';
    await admin.get(path).expect(404);
    await admin.patch(path, { liveJobs: 1 }).expect(404);
  });
});
