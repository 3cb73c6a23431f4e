import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp } from '../support/app.js';
import type { TestApp } from '../support/app.js';
import { anAdmin, aUser } from '../support/user.js';
import type { TestUser } from '../support/user.js';

let app: TestApp;

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

const later = { type: 'one_time', scheduledAt: '2036-01-01T00:00:00Z' };
const statuses = (answers: { status: number }[]): number[] => answers.map(({ status }) => status);

/** What is stored of the jobs of a user: each with its one run, the transaction that wrote it, and who is in the audit log for it. */
const stored = (of: TestUser) =>
  app.database.query<{ name: string; runs: number; transaction: string; auditedFor: string | null }[]>(
    `SELECT j.name, j.xmin::text AS transaction, count(r.id)::integer AS runs, max(a.user_id::text) AS "auditedFor"
     FROM jobs j LEFT JOIN runs r ON r.job_id = j.id
       LEFT JOIN audit_events a ON a.target_id = j.id::text AND a.action = 'job.created'
     WHERE j.user_id = $1 GROUP BY j.id, j.xmin::text ORDER BY j.name`,
    [of.id],
  );

describe('submissions that come together', () => {
  it('share transactions, and what is wrong with one of them concerns that one only', async () => {
    const [one, other] = [await aUser(app), await aUser(app)];
    const wrong = { ...later, name: 'wrong', handler: 'nobody' };
    const posts = Array.from({ length: 60 }, (_, n) => [
      one.post('/jobs', { ...later, name: `one ${n}` }),
      other.post('/jobs', { ...later, name: `other ${n}` }),
      one.post('/jobs', wrong),
    ]).flat();
    const answers = await Promise.all(posts);
    expect(statuses(answers)).toEqual(Array.from({ length: 60 }, () => [201, 201, 400]).flat());
    expect(answers[2]!.body.errors).toMatchObject([{ pointer: '/handler' }]);
    const [ofOne, ofOther] = [await stored(one), await stored(other)];
    for (const [user, jobs] of [[one, ofOne] as const, [other, ofOther] as const]) {
      expect(jobs).toHaveLength(60);
      expect(new Set(jobs.map(({ name }) => name)).size).toBe(60);
      expect(jobs.every(({ runs, auditedFor }) => runs === 1 && auditedFor === user.id)).toBe(true);
    }
    const transactions = new Set([...ofOne, ...ofOther].map(({ transaction }) => transaction));
    expect(transactions.size).toBeLessThan(120);
  });

  it('point at what is wrong with one by where it stands in its own body', async () => {
    const user = await aUser(app);
    const wrong = { ...later, name: 'wrong', handler: 'nobody' };
    const [single, bulk] = await Promise.all([
      user.post('/jobs', wrong).expect(400),
      user.post('/jobs/bulk', { jobs: [wrong] }).expect(400),
    ]);
    expect(single.body.errors).toMatchObject([{ pointer: '/handler' }]);
    expect(bulk.body.errors).toMatchObject([{ pointer: '/jobs/0/handler' }]);
  });

  it('are answered with what each of them created', async () => {
    const user = await aUser(app);
    const names = Array.from({ length: 30 }, (_, n) => `job ${n}`);
    const answers = await Promise.all(names.map((name) => user.post('/jobs', { ...later, name }).expect(201)));
    expect(answers.map(({ body }) => body.name)).toEqual(names);
    for (const { body } of answers) expect((await user.get(`/jobs/${body.id}`).expect(200)).body).toEqual(body);
  });

  it('are as many as the quota allows, and not one more', async () => {
    const user = await aUser(app);
    const admin = await anAdmin(app);
    await admin.patch(`/admin/users/${user.id}/quotas`, { liveJobs: 7 });
    const answers = await Promise.all(Array.from({ length: 25 }, () => user.post('/jobs', { ...later, name: 'one' })));
    expect(statuses(answers).sort()).toEqual([...Array<number>(7).fill(201), ...Array<number>(18).fill(409)]);
    expect(await stored(user)).toHaveLength(7);
  });

  it('are each tried alone when PostgreSQL refuses the group', async () => {
    const user = await aUser(app);
    await app.database.query(
      `CREATE FUNCTION refuse_thirteen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         IF NEW.name = 'thirteen' THEN RAISE EXCEPTION 'no' USING ERRCODE = '23514'; END IF; RETURN NEW; END $$`,
    );
    await app.database.query(
      'CREATE TRIGGER refuse_thirteen BEFORE INSERT ON jobs FOR EACH ROW EXECUTE FUNCTION refuse_thirteen()',
    );
    const names = [...Array.from({ length: 20 }, (_, n) => `job ${n}`), 'thirteen'];
    const answers = await Promise.all(names.map((name) => user.post('/jobs', { ...later, name })));
    await app.database.query('DROP TRIGGER refuse_thirteen ON jobs');
    expect(statuses(answers)).toEqual([...Array<number>(20).fill(201), 500]);
    expect(await stored(user)).toHaveLength(20);
  });
});
