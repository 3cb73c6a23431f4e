import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import supertest from 'supertest';
import { eventually } from '../support/eventually.js';
import { ProductProcess } from '../support/processes.js';
import { connectTo, startServices } from '../support/services.js';
import type { Services } from '../support/services.js';
import { aUser } from '../support/user.js';
import type { TestUser } from '../support/user.js';

const jobCount = 300;
/** What docs/schedules.md promises: how many follow before the change is answered, and how many share a transaction. */
const [byTheRequest, inOneTransaction] = [100, 25];
const today = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
const aroundNow = [-1, 0, 1].map(today);

let services: Services;
let database: pg.Client;
let processes: ProductProcess[];
let user: TestUser;
let calendar: { id: string };

const start = async (roles: string): Promise<ProductProcess> => {
  const one = await ProductProcess.start({ ...services.environment, ROLES: roles });
  processes.push(one);
  return one;
};
/** How many jobs have which version of the calendar. */
const versions = async (): Promise<Record<string, number>> => {
  const { rows } = await database.query(
    `SELECT schedule -> 'calendars' -> 0 ->> 'version' AS version, count(*)::integer AS n FROM jobs GROUP BY 1`,
  );
  return Object.fromEntries(rows.map(({ version, n }) => [version, n]));
};
const change = async (days: string[]) =>
  (await user.put(`/calendars/${calendar.id}`, { name: 'shared', days }).expect(200)).body;
const allHave = (version: number) =>
  eventually(versions, (now) => now[String(version)] === jobCount, { withinMs: 60_000 });

beforeAll(async () => {
  services = await startServices();
  database = await connectTo(services.config());
  // What each transaction writes to jobs' schedules is put down by the database itself.
  await database.query(`CREATE TABLE followed (tx bigint, job_id uuid)`);
  await database.query(`
    CREATE FUNCTION note_follower() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO followed VALUES (txid_current(), new.id); RETURN NULL; END $$`);
  await database.query(`
    CREATE TRIGGER note_followers AFTER UPDATE ON jobs FOR EACH ROW
    WHEN (old.schedule IS DISTINCT FROM new.schedule) EXECUTE FUNCTION note_follower()`);
});
afterAll(async () => {
  await database.end();
  await services.drop();
});

beforeEach(async () => {
  processes = [];
  user = await aUser({ http: supertest((await start('api')).url) });
  calendar = (await user.post('/calendars', { name: 'shared', days: [] }).expect(201)).body;
  const job = { name: 'j', type: 'recurring', intervalMs: 5_000, handler: 'log', calendars: [calendar.id] };
  await user.post('/jobs/bulk', { jobs: Array.from({ length: jobCount }, () => job) }).expect(201);
  await database.query('DELETE FROM followed');
});
afterEach(async () => {
  await Promise.all(processes.map((one) => one.end('SIGKILL')));
  await database.query('TRUNCATE runs, jobs CASCADE');
});

describe('a change of a calendar that many jobs use', () => {
  it('is brought to them a few at a time, while others are answered', async () => {
    await start('ticker');
    const [{ id }] = (await user.get('/jobs?limit=1').expect(200)).body.data;
    const before = performance.now();
    const answer = await change(aroundNow);
    expect(answer).toMatchObject({ version: 2, jobsWaiting: expect.any(Number) });
    const waits: number[] = [];
    for (let n = 0; (await versions())['2'] !== jobCount; n += 1) {
      expect(performance.now() - before).toBeLessThan(60_000);
      const asked = performance.now();
      await Promise.all([user.get(`/jobs/${id}`).expect(200), user.patch(`/jobs/${id}`, { description: `${n}` })]);
      waits.push(performance.now() - asked);
    }
    expect(waits.length).toBeGreaterThan(3);
    expect(Math.max(...waits)).toBeLessThan(2_000);
    const { rows } = await database.query(
      `SELECT max(n)::integer AS most FROM (SELECT count(DISTINCT job_id) AS n FROM followed GROUP BY tx) AS each`,
    );
    expect(rows[0].most).toBeLessThanOrEqual(inOneTransaction);
    const shown = () => user.get(`/calendars/${calendar.id}`).then(({ body }) => body.jobsWaiting as number);
    await eventually(shown, (waiting) => waiting === 0);
  });

  it('goes on where a process died, and every time is accounted for', async () => {
    const answer = await change(aroundNow);
    expect(answer.jobsWaiting).toBe(jobCount - byTheRequest);
    expect(await versions()).toEqual({ '1': jobCount - byTheRequest, '2': byTheRequest });
    const victim = await start('ticker,worker');
    await eventually(versions, (now) => (now['2'] ?? 0) > byTheRequest, { withinMs: 60_000 });
    await victim.end('SIGKILL');
    const left = (await versions())['1'];
    expect(left).toBeGreaterThan(0);
    // Nobody is there to go on: it stays as it is, and the answer says so.
    expect((await user.get(`/calendars/${calendar.id}`).expect(200)).body.jobsWaiting).toBe(left);
    await start('ticker,worker');
    await allHave(2);
    const { data } = (await user.get('/jobs?limit=100').expect(200)).body;
    for (const { id } of data as { id: string }[]) {
      await user.post(`/jobs/${id}/cancel`).expect(200);
      const ledger = (await user.get(`/jobs/${id}/ledger`).expect(200)).body;
      expect(ledger).toMatchObject({ missingCount: 0, unexpectedCount: 0, accountedFor: ledger.expected });
      expect(ledger.expected).toBeGreaterThan(0);
    }
  });

  it('gives way to the next: two, one right after the other, end in the newest', async () => {
    await start('ticker');
    await change(aroundNow);
    await change([]);
    await change(aroundNow);
    await change(['2031-01-01']);
    await allHave(5);
    // Whoever was still bringing an older one does not take it back.
    const changing = async () => (await database.query('SELECT FROM calendars WHERE changing')).rowCount;
    await eventually(changing, (left) => left === 0, { withinMs: 60_000 });
    expect(await versions()).toEqual({ '5': jobCount });
    const { rows } = await database.query(
      `SELECT job_id FROM (SELECT job_id, version AS job_version, (schedule -> 'calendars' -> 0 ->> 'version')::integer AS version,
         lag((schedule -> 'calendars' -> 0 ->> 'version')::integer) OVER (PARTITION BY job_id ORDER BY version) AS earlier
       FROM job_versions) AS steps WHERE version < earlier`,
    );
    expect(rows).toEqual([]);
    const { rows: ahead } = await database.query(
      `SELECT count(*)::integer AS n FROM runs WHERE reason = 'calendar' AND nominal_at > clock_timestamp() + interval '2 s'`,
    );
    expect(ahead[0].n).toBe(0);
  });
});
