import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp } from '../support/app.js';
import type { TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { Sink } from '../support/sink.js';
import { aUser } from '../support/user.js';
import type { TestUser } from '../support/user.js';

let app: TestApp;
let user: TestUser;

beforeAll(async () => {
  app = await startApp();
  user = await aUser(app);
});
afterAll(() => app.stop());

const preview = (body: object) => user.post('/schedules/preview', body);

describe('POST /schedules/preview', () => {
  it('names the next times strictly after from, in UTC and local, with their reasons', async () => {
    const { body } = await preview({
      cron: ['30 2 * * *'],
      timezone: 'America/New_York',
      from: '2030-03-09T07:30:00Z',
      count: 3,
    }).expect(200);
    expect(body.timezone).toBe('America/New_York');
    expect(body.nextRuns).toEqual([
      {
        nominalAt: '2030-03-10T07:00:00.000Z',
        dueAt: '2030-03-10T07:00:00.000Z',
        localTime: '2030-03-10T03:00:00-04:00',
        dueLocalTime: '2030-03-10T03:00:00-04:00',
        reason: 'cron "30 2 * * *": 2030-03-10T02:30:00 does not exist, moved to the first instant after the gap',
        suppressed: false,
        predictedOverlap: false,
      },
      expect.objectContaining({ nominalAt: '2030-03-11T06:30:00.000Z', reason: 'cron "30 2 * * *"' }),
      expect.objectContaining({ nominalAt: '2030-03-12T06:30:00.000Z' }),
    ]);
    expect(body.clockChanges).toHaveLength(2);
    expect(body.clockChanges[0]).toMatchObject({ kind: 'gap', at: '2030-03-10T07:00:00.000Z', rulesDiffer: true });
    expect(body.clockChanges[0].outcomes.map(({ rule, applies }: Record<string, unknown>) => [rule, applies])).toEqual([
      ['next_valid', true],
      ['skip', false],
    ]);
    expect(body.warnings.map(({ code }: { code: string }) => code)).toContain('clock_change');
  });

  it('shows ten times from now unless told otherwise', async () => {
    const before = Date.now();
    const { body } = await preview({ intervalMs: 60_000 }).expect(200);
    expect(body.nextRuns).toHaveLength(10);
    expect(Date.parse(body.nextRuns[0].nominalAt)).toBeGreaterThan(before);
  });

  it('shows what is excluded, and does not count it as a run', async () => {
    const { body } = await preview({
      cron: '0 12 * * *',
      excludeDates: ['2030-01-02'],
      maxRuns: 2,
      from: '2030-01-01T00:00:00Z',
    }).expect(200);
    expect(body.nextRuns.map(({ nominalAt, suppressed }: Record<string, unknown>) => [nominalAt, suppressed])).toEqual([
      ['2030-01-01T12:00:00.000Z', false],
      ['2030-01-02T12:00:00.000Z', true],
      ['2030-01-03T12:00:00.000Z', false],
    ]);
    expect(body.nextRuns[1].reason).toContain('2030-01-02 is excluded by the job');
  });

  it('shows an example of H, says so, and the true one for a job of yours', async () => {
    const schedule = { cron: 'H H * * *', from: '2030-01-01T00:00:00Z', count: 1 };
    const { body: example } = await preview(schedule).expect(200);
    expect(example.warnings[0]).toMatchObject({ code: 'no_job_yet', pointer: '/cron' });
    const job = { name: 'spread', type: 'recurring', cron: 'H H * * *' };
    const { id } = (await user.post('/jobs', job).expect(201)).body;
    const { body: own } = await preview({ ...schedule, jobId: id }).expect(200);
    expect(own.warnings).toEqual([]);
    const { body: next } = await user.get(`/jobs/${id}/next-runs?count=1&from=2030-01-01T00:00:00Z`).expect(200);
    expect(own.nextRuns).toEqual(next.nextRuns);
    const stranger = await aUser(app);
    await stranger.post('/schedules/preview', { ...schedule, jobId: id }).expect(404);
  });

  it.each([
    [{}, 400, '/recurrencePattern'],
    [{ cron: '61 * * * *' }, 400, '/cron'],
    [{ cron: ['0 0 * * *', '0 0 * *'] }, 400, '/cron/1'],
    [{ cron: '0 0 * * *', timezone: 'Europe/Berlim' }, 400, '/timezone'],
    [{ cron: '0 0 * * *', count: 0 }, 400, '/count'],
    [{ cron: '0 0 * * *', count: 101 }, 400, '/count'],
    [{ cron: '0 0 * * *', from: 'yesterday' }, 400, '/from'],
    [{ cron: '0 0 * * *', colour: 'red' }, 400, '/colour'],
    [{ intervalMs: 10 }, 400, '/intervalMs'],
    [{ cron: '0 0 * * *', calendars: ['0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a11'] }, 400, '/calendars/0'],
    [{ cron: '0 0 30 2 *' }, 422, '/cron'],
    [{ cron: '0 0 * * *', endsAt: '2030-01-01T00:00:00Z', from: '2031-01-01T00:00:00Z' }, 422, '/endsAt'],
  ])('refuses %j with %i at %s', async (body, status, pointer) => {
    const answer = await preview(body).expect(status);
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
    if (status === 422) expect(answer.body.code).toBe('NEVER_RUNS');
  });

  it('needs a token', () => app.http.post('/schedules/preview').send({ cron: '@daily' }).expect(401));
});

const submitted = async (body: object) =>
  (await user.post('/jobs', { name: 'job', type: 'recurring', ...body }).expect(201)).body;
const get = async (path: string) => (await user.get(path).expect(200)).body;
const runsOf = async (id: string): Promise<Record<string, string>[]> =>
  (await get(`/jobs/${id}/runs?limit=100&to=9999-01-01T00:00:00Z`)).data;
const anyId = '0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a11';

describe('GET /jobs/:id/next-runs', () => {
  it('shows what is ahead, ten times unless told otherwise, and no more than maxRuns', async () => {
    const { id } = await submitted({ cron: '0 9 * * *', timezone: 'Asia/Tokyo', maxRuns: 12 });
    const { nextRuns, timezone } = await get(`/jobs/${id}/next-runs`);
    expect(timezone).toBe('Asia/Tokyo');
    expect(nextRuns).toHaveLength(10);
    expect(nextRuns[0].localTime).toMatch(/T09:00:00\+09:00$/);
    expect((await get(`/jobs/${id}/next-runs?count=50`)).nextRuns).toHaveLength(12);
    const after = nextRuns[9].nominalAt;
    expect((await get(`/jobs/${id}/next-runs?count=50&from=${after}`)).nextRuns).toHaveLength(2);
  });

  it('shows the one time of a one-time job, and nothing once that has passed', async () => {
    const body = { type: 'one_time', scheduledAt: '2030-07-01T12:00', timezone: 'Europe/Paris' };
    const { id } = await submitted(body);
    const { nextRuns } = await get(`/jobs/${id}/next-runs`);
    expect(nextRuns).toEqual([
      expect.objectContaining({ nominalAt: '2030-07-01T10:00:00.000Z', localTime: '2030-07-01T12:00:00+02:00' }),
    ]);
    expect((await get(`/jobs/${id}/next-runs?from=2030-07-01T10:00:00Z`)).nextRuns).toEqual([]);
  });

  it('says that a paused job starts nothing and a cancelled one has no more times', async () => {
    const { id } = await submitted({ cron: '@daily' });
    await user.post(`/jobs/${id}/pause`, {}).expect(200);
    const paused = await get(`/jobs/${id}/next-runs`);
    expect(paused.nextRuns).toHaveLength(10);
    expect(paused.warnings[0].code).toBe('job_paused');
    await user.post(`/jobs/${id}/cancel`).expect(200);
    const cancelled = await get(`/jobs/${id}/next-runs`);
    expect(cancelled.nextRuns).toEqual([]);
    expect(cancelled.warnings[0].code).toBe('job_finished');
  });

  it('predicts overlaps from how long runs usually take', async () => {
    const { id } = await submitted({ cron: '0 * * * *' });
    await app.database.query(
      `INSERT INTO runs (id, job_id, nominal_at, due_at, trigger, state, reason, ring_at, job_version, attempts, lease_token,
                         started_at, execution_started_at, attempt_status, ended_at)
       SELECT gen_random_uuid(), $1, t, t, 'manual', 'succeeded', 'completed', t, 1, 1, 1, t, t, 'succeeded',
              t + n * interval '45 min'
       FROM generate_series(1, 3) AS n, LATERAL (SELECT now() - n * interval '1 day' AS t) AS past`,
      [id],
    );
    const { nextRuns } = await get(`/jobs/${id}/next-runs?count=4`);
    expect(nextRuns.map(({ predictedOverlap }: { predictedOverlap: boolean }) => predictedOverlap)).toEqual([
      false,
      true,
      false,
      true,
    ]);
    expect(nextRuns[1].reason).toContain('predicted overlap: a run usually takes 90 min, so it would be skipped');
  });

  it('refuses what does not parse and hides what is not yours', async () => {
    const { id } = await submitted({ cron: '@daily' });
    for (const [query, pointer] of [
      ['count=0', '/count'],
      ['count=101', '/count'],
      ['from=soon', '/from'],
    ]) {
      const { body } = await user.get(`/jobs/${id}/next-runs?${query}`).expect(400);
      expect(body.errors[0].pointer).toBe(pointer);
    }
    const stranger = await aUser(app);
    for (const path of ['next-runs', 'explain', 'ledger', 'backfills'])
      await stranger.get(`/jobs/${id}/${path}`).expect(404);
    await stranger.get(`/runs/${anyId}/explain`).expect(404);
  });
});

describe('GET /jobs/:id/ledger', () => {
  it('accounts for every second of a job, through a pause and a change of its schedule, and when it is cancelled', async () => {
    const { id } = await submitted({ intervalMs: 1_000, catchup: { mode: 'all' } });
    const atLeast = (count: number) =>
      eventually(
        () => runsOf(id),
        (runs) => runs.filter(({ state }) => state === 'succeeded').length >= count,
        { withinMs: 30_000 },
      );
    await atLeast(2);
    await user.post(`/jobs/${id}/pause`, {}).expect(200);
    const paused = await get(`/jobs/${id}`);
    await eventually(
      () => Date.now(),
      (now) => now > Date.parse(paused.pausedAt) + 2_500,
    );
    await user.post(`/jobs/${id}/resume`).expect(200);
    await atLeast(5);
    await user.patch(`/jobs/${id}`, { intervalMs: 2_000 }).expect(200);
    await user.post(`/jobs/${id}/pause`, {}).expect(200);
    await user.patch(`/jobs/${id}`, { intervalMs: 1_000 }).expect(200);
    const { updatedAt } = (await user.post(`/jobs/${id}/cancel`).expect(200)).body;
    const ledger = await get(`/jobs/${id}/ledger?to=2031-01-01T00:00:00Z&from=2020-01-01T00:00:00Z`);
    expect(ledger).toMatchObject({ missing: [], missingCount: 0, unexpected: [], unexpectedCount: 0 });
    expect(ledger.expected).toBeGreaterThanOrEqual(5);
    expect(ledger.accountedFor).toBe(ledger.expected);
    expect(ledger.summary).toBe(`accounted for: ${ledger.expected} of ${ledger.expected}`);
    const named = (await runsOf(id)).filter(({ nominalAt }) => (nominalAt ?? '') <= updatedAt);
    expect(ledger.expected).toBe(named.length);
  });

  it('finds a row that somebody has deleted and one that no schedule names', async () => {
    const { id } = await submitted({ intervalMs: 1_000 });
    const runs = await eventually(
      () => runsOf(id),
      (some) => some.filter(({ state }) => state === 'succeeded').length >= 2,
    );
    const [moved, gone] = runs.filter(({ state }) => state === 'succeeded');
    await app.database.query('DELETE FROM runs WHERE id = $1', [gone?.id]);
    await app.database.query(`UPDATE runs SET nominal_at = nominal_at + interval '1 ms' WHERE id = $1`, [moved?.id]);
    const ledger = await get(`/jobs/${id}/ledger`);
    expect(ledger.missing.sort()).toEqual([gone?.nominalAt, moved?.nominalAt].sort());
    expect(ledger.unexpected.map(({ runId }: { runId: string }) => runId)).toEqual([moved?.id]);
    expect(ledger.accountedFor).toBe(ledger.expected - 2);
    expect(ledger.summary).toContain('2 missing');
  });

  it('has the time of a one-time job', async () => {
    const { id } = await submitted({ type: 'one_time', scheduledAt: '2030-01-01T00:00:00Z' });
    const ledger = await get(`/jobs/${id}/ledger?from=2030-01-01T00:00:00Z&to=2030-01-02T00:00:00Z`);
    expect(ledger).toMatchObject({ expected: 1, accountedFor: 1, byOutcome: { scheduled: 1 } });
  });

  it('asks for a narrower range above ten thousand times, and for a range that is one', async () => {
    const { id } = await submitted({ intervalMs: 1_000 });
    const { body } = await user.get(`/jobs/${id}/ledger?to=2031-01-01T00:00:00Z&from=2030-01-01T00:00:00Z`).expect(422);
    expect(body.code).toBe('RANGE_TOO_LARGE');
    const refused = await user.get(`/jobs/${id}/ledger?from=2031-01-01T00:00:00Z`).expect(400);
    expect(refused.body.errors[0].pointer).toBe('/from');
    await user.post(`/jobs/${id}/cancel`).expect(200);
  });
});

describe('explain', () => {
  const gates = ({ gates: shown }: { gates: { gate: string; state: string }[] }) =>
    Object.fromEntries(shown.map(({ gate, state }) => [gate, state]));

  it('says that a run succeeded, and that it passed every gate', async () => {
    const { id } = await submitted({ type: 'one_time' });
    const [run] = await eventually(
      () => runsOf(id),
      ([one]) => one?.state === 'succeeded',
    );
    const explained = await get(`/runs/${run?.id}/explain`);
    expect(explained).toMatchObject({ runId: run?.id, state: 'succeeded', wouldStart: null, named: true });
    expect(explained.summary).toBe('It ran and succeeded in attempt 1.');
    expect(new Set(Object.values(gates(explained)))).toEqual(new Set(['passed']));
    expect(explained.gates.map(({ gate }: { gate: string }) => gate)).toEqual([
      'job',
      'calendar',
      'clock_change',
      'due',
      'catch_up',
      'overlap',
      'worker',
      'attempts',
    ]);
  });

  it('says what a run that lies ahead, is paused, or was cancelled waits for', async () => {
    const { id } = await submitted({ type: 'one_time', scheduledAt: '2030-01-01T00:00:00Z' });
    const [run] = await runsOf(id);
    const ahead = await get(`/runs/${run?.id}/explain`);
    expect(gates(ahead)).toMatchObject({ job: 'open', due: 'closed', worker: 'not_reached' });
    expect(ahead.wouldStart).toContain('2030-01-01T00:00:00.000Z');
    await user.post(`/jobs/${id}/pause`, { note: 'moving house' }).expect(200);
    const paused = await get(`/jobs/${id}/explain`);
    expect(paused).toMatchObject({ runId: run?.id, wouldStart: 'Somebody resumes the job.' });
    expect(gates(paused)).toMatchObject({ job: 'closed', due: 'not_reached' });
    expect(paused.summary).toContain('moving house');
    await user.post(`/jobs/${id}/cancel`).expect(200);
    const cancelled = await get(`/runs/${run?.id}/explain`);
    expect(cancelled.summary).toContain('The job was cancelled before it could start.');
    expect(cancelled.wouldStart).toBeNull();
  });

  it('names the run that held another back', async () => {
    const sink = await Sink.start((_call, reply) => {
      reply.statusCode = 500;
      reply.end();
    });
    const held = { handler: 'http', payload: { url: `${sink.url}/` }, retryDelayMs: 60_000, maxRetries: 3 };
    const { id } = await submitted({ intervalMs: 1_000, ...held });
    const runs = await eventually(
      () => runsOf(id),
      (some) => some.some(({ reason }) => reason === 'overlap'),
    );
    const holder = runs.find(({ state }) => state === 'retrying');
    const skipped = runs.find(({ reason }) => reason === 'overlap');
    const explained = await get(`/runs/${skipped?.id}/explain`);
    expect(explained).toMatchObject({ heldBy: holder?.id, state: 'skipped', reason: 'overlap' });
    expect(gates(explained)).toMatchObject({ due: 'passed', overlap: 'closed', worker: 'not_reached' });
    const retrying = await get(`/runs/${holder?.id}/explain`);
    expect(gates(retrying)).toMatchObject({ worker: 'passed', attempts: 'closed' });
    expect(retrying.wouldStart).toContain('backoff');
    await user.post(`/jobs/${id}/cancel`).expect(200);
    await sink.stop();
  });

  it('says of any time whether the schedule names it, and why there is no run', async () => {
    const { id, createdAt } = await submitted({ cron: '0 12 * * *', excludeDates: ['2030-01-02'] });
    const at = async (time: string) => get(`/jobs/${id}/explain?at=${time}`);
    const ahead = await at('2030-01-01T12:00:00Z');
    expect(ahead).toMatchObject({ named: true, runId: null, jobVersion: 1 });
    expect(ahead.summary).toContain('It lies ahead');
    expect((await at('2030-01-01T12:00:01Z')).summary).toContain('does not name this time');
    expect((await at('2020-01-01T12:00:00Z')).summary).toContain(createdAt);
    await user.post(`/jobs/${id}/pause`, {}).expect(200);
    expect((await at('2030-01-01T12:00:00Z')).summary).toContain('the job is paused');
    await user.post(`/jobs/${id}/cancel`).expect(200);
    expect((await at('2030-01-01T12:00:00Z')).summary).toContain('The job names no time after');
    const { body } = await user.get(`/jobs/${id}/explain?at=noon`).expect(400);
    expect(body.errors[0].pointer).toBe('/at');
  });
});

describe('the watch over schedules', () => {
  it('shows overdue jobs and the last audit in health', async () => {
    const health = async () => {
      const { body } = await app.http.get('/health/ready').expect(200);
      return body.checks.find(({ name }: { name: string }) => name === 'schedules');
    };
    const audited = await eventually(health, ({ lastAuditAt }) => lastAuditAt !== null);
    expect(audited).toMatchObject({ status: 'up', overdueJobs: 0, missingTimes: 0 });
  });
});

describe('a local time of a one-time job', () => {
  const zone = 'Europe/Berlin';
  it.each([
    [{ scheduledAt: '2030-03-31T02:30' }, '2030-03-31T01:00:00.000Z', '2030-03-31T03:00:00+02:00', 'does not exist'],
    [{ scheduledAt: '2030-10-27T02:30:00' }, '2030-10-27T00:30:00.000Z', '2030-10-27T02:30:00+02:00', 'exists twice'],
    [{ scheduledAt: '2030-07-01T12:00' }, '2030-07-01T10:00:00.000Z', '2030-07-01T12:00:00+02:00', null],
    [{ scheduledAt: '2030-07-01T12:00Z' }, '2030-07-01T12:00:00.000Z', '2030-07-01T14:00:00+02:00', null],
  ])('%j is shown as it was read', async (when, scheduledAt, local, note) => {
    const created = await submitted({ type: 'one_time', timezone: zone, ...when });
    expect(created).toMatchObject({ scheduledAt, scheduledLocalTime: local, timezone: zone });
    if (note === null) expect(created.scheduledAtNote).toBeNull();
    else expect(created.scheduledAtNote).toContain(note);
    const renamed = (await user.patch(`/jobs/${created.id}`, { name: 'renamed' }).expect(200)).body;
    expect(renamed).toMatchObject({ scheduledAt, scheduledAtNote: created.scheduledAtNote });
  });

  it('is refused in a gap when dst says so', async () => {
    const body = {
      name: 'job',
      type: 'one_time',
      scheduledAt: '2030-03-31T02:30',
      timezone: zone,
      dst: { gap: 'skip' },
    };
    const refused = (await user.post('/jobs', body).expect(400)).body;
    expect(refused.errors[0]).toMatchObject({
      pointer: '/scheduledAt',
      detail: expect.stringContaining('does not exist'),
    });
    const unknown = { ...body, dst: { gap: 'jump' } };
    expect((await user.post('/jobs', unknown).expect(400)).body.errors[0].pointer).toBe('/dst/gap');
  });

  it('is read anew when the zone changes', async () => {
    const { id } = await submitted({ type: 'one_time', timezone: zone, scheduledAt: '2030-07-01T12:00' });
    const moved = (await user.patch(`/jobs/${id}`, { timezone: 'Asia/Tokyo' }).expect(200)).body;
    expect(moved).toMatchObject({
      scheduledAt: '2030-07-01T03:00:00.000Z',
      scheduledLocalTime: '2030-07-01T12:00:00+09:00',
    });
  });
});
