import { describe, expect, it } from '@jest/globals';
import { defaultCatchup } from '../../../jobs/domain/policies.js';
import { explainRun } from './explain.js';
import type { ExplainInput, ExplainedJob } from './explain.js';
import { explainTime } from './explain-time.js';
import type { ExplainTimeInput } from './explain-time.js';
import { gateNames } from './explanation.js';
import type { Explanation } from './explanation.js';
import type { Run } from '../../domain/run.js';

const noon = new Date('2030-01-01T12:00:00Z');
const after = (ms: number): Date => new Date(noon.getTime() + ms);
const job: ExplainedJob = {
  id: 'job',
  status: 'pending',
  overlapPolicy: 'skip',
  scheduledAt: null,
  catchup: defaultCatchup,
  pausedAt: null,
  pausedUntil: null,
  pauseNote: null,
  pauseReason: null,
  maxRetries: 3,
};
const run: Run = {
  id: 'run',
  jobId: 'job',
  nominalAt: noon,
  dueAt: noon,
  trigger: 'schedule',
  state: 'scheduled',
  reason: null,
  reasonDetail: null,
  attempts: 0,
  leaseToken: '0',
  workerId: null,
  heldBy: null,
  jobVersion: 1,
  ranVersion: null,
  payload: null,
  count: 1,
  nominalUntil: null,
  cancelRequestedAt: null,
  startedAt: null,
  endedAt: null,
  createdAt: noon,
};
const input = (given: Partial<Run>, rest: Partial<ExplainInput> = {}): ExplainInput => ({
  job,
  run: { ...run, ...given },
  schedule: { cron: ['0 12 * * *'], timezone: 'UTC', excludeDates: ['2030-01-02'] },
  intervalMs: 86_400_000,
  holder: null,
  catchupAfterMs: 10_000,
  now: after(1_000),
  ...rest,
});
/** The closed gate, and the states before and after it. */
const shape = ({ gates }: Explanation) => {
  expect(gates.map(({ gate }) => gate)).toEqual(gateNames);
  const closed = gates.findIndex(({ state }) => state === 'closed');
  const at = closed === -1 ? gates.length : closed;
  return [
    gates[at]?.gate ?? null,
    [...new Set(gates.slice(0, at).map(({ state }) => state))].join(),
    [...new Set(gates.slice(at + 1).map(({ state }) => state))].join(),
  ];
};
const started = { startedAt: after(20), workerId: 'host:1:a1b2', attempts: 1 };
const paused = { job: { ...job, status: 'paused', pausedAt: noon, pauseNote: 'moving' } } as const;
const holder = { id: 'other', state: 'running', nominalAt: noon } as const;

describe('a run that waits for another although no time may wait', () => {
  const holder = { id: 'other', state: 'running' as const, nominalAt: noon };
  it.each<[string, Partial<Run>, Partial<ExplainedJob>]>([
    ['a run that somebody asked for waits for its turn under every policy but allow_all', { trigger: 'manual' }, {}],
    ['a run of a backfill waits for its turn', { trigger: 'backfill' }, {}],
    ['the run of a one-time job waits for its turn', {}, { scheduledAt: noon }],
    ['it keeps the place that it has been given', {}, {}],
  ])('says why: %s', (why, given, ofJob) => {
    const explained = explainRun(input({ heldBy: 'other', ...given }, { holder, job: { ...job, ...ofJob } }));
    expect(explained.summary).toContain(why);
    expect(explained.summary).toContain('overlap policy is skip');
  });
});

describe('a run that waits', () => {
  it.each<[string, Partial<Run>, Partial<ExplainInput>, string, string]>([
    ['for its time', { dueAt: after(60_000) }, {}, 'due', 'It is due at 2030-01-01T12:01:00.000Z'],
    ['for a worker', {}, {}, 'worker', 'A worker with a free place'],
    ['for another run', { heldBy: 'other' }, { holder }, 'overlap', 'Run other ends.'],
    ['for somebody to resume the job', {}, paused, 'job', 'Somebody resumes the job.'],
    [
      'for the end of the pause',
      {},
      { job: { ...paused.job, pausedUntil: after(5_000) } },
      'job',
      'The job resumes by itself at 2030-01-01T12:00:05.000Z.',
    ],
  ])('%s', (_name, given, rest, gate, wouldStart) => {
    const explained = explainRun(input(given, rest));
    expect(shape(explained)).toEqual([gate, gate === 'job' ? '' : 'open', 'not_reached']);
    expect(explained.wouldStart).toContain(wouldStart);
    expect(explained.summary).toMatch(/^It waits: /);
  });

  it('for its backoff, behind the gates that it has passed', () => {
    const given = { ...started, state: 'retrying', dueAt: after(60_000), reasonDetail: 'HTTP 500' } as const;
    const explained = explainRun(input(given));
    expect(shape(explained)).toEqual(['attempts', 'passed', '']);
    expect(explained.summary).toContain('attempt 1 of 4 failed: HTTP 500');
  });

  it('does not wait for a paused job when it was triggered by hand, nor for a holder that has ended', () => {
    expect(shape(explainRun(input({ trigger: 'manual' }, paused)))[0]).toBe('worker');
    const gone = { holder: { ...holder, state: 'succeeded' } } as const;
    expect(shape(explainRun(input({ heldBy: 'other' }, gone)))[0]).toBe('worker');
  });
});

describe('a run that has ended', () => {
  it.each<[Run['state'], Run['reason'], string]>([
    ['skipped', 'calendar', 'calendar'],
    ['skipped', 'overlap', 'overlap'],
    ['skipped', 'paused', 'job'],
    ['missed', 'outside_window', 'catch_up'],
    ['missed', 'superseded', 'catch_up'],
    ['missed', 'catchup_none', 'catch_up'],
    ['cancelled', 'job_cancelled', 'job'],
    ['cancelled', 'cancelled_by_user', 'job'],
    ['cancelled', 'rescheduled', 'job'],
    ['cancelled', 'backfill_cancelled', 'job'],
  ])('%s: %s without a start was stopped at the gate %s', (state, reason, gate) => {
    const explained = explainRun(input({ state, reason, endedAt: noon }));
    expect(shape(explained)).toEqual([gate, gate === 'job' ? '' : 'passed', 'not_reached']);
    expect(explained.summary).toContain(`It did not run: ${state} (${reason}).`);
    expect(explained.wouldStart).toBeNull();
  });

  it('says how many times a range row stands for', () => {
    const range = { state: 'missed', reason: 'outside_window', count: 30, nominalUntil: after(1) } as const;
    expect(explainRun(input(range)).summary).toContain('30 times');
  });

  it('passed every gate when it succeeded, and stopped at its attempts when it failed', () => {
    expect(shape(explainRun(input({ ...started, state: 'succeeded' })))).toEqual([null, 'passed', '']);
    const failed = { ...started, state: 'failed', reason: 'attempts_exhausted', reasonDetail: 'boom' } as const;
    const explained = explainRun(input(failed));
    expect(shape(explained)).toEqual(['attempts', 'passed', '']);
    expect(explained.summary).toContain('ended failed after 1 attempt (attempts_exhausted): boom');
  });
});

describe('a run that runs', () => {
  it('says where, and whether it has been asked to stop', () => {
    const running = { ...started, state: 'running' } as const;
    expect(explainRun(input(running)).summary).toBe('It is running: attempt 1 on a1b2.');
    expect(explainRun(input({ ...running, cancelRequestedAt: noon })).summary).toContain('asked to stop');
  });
});

describe('a time without a run', () => {
  const schedule = { cron: ['0 12 * * *'], timezone: 'UTC' };
  const given: ExplainTimeInput = {
    job,
    plan: { status: 'pending', nextRunAt: noon, plannedCount: 0, scheduledAt: null, now: after(-3_600_000) },
    versions: [{ version: 1, schedule, validFrom: after(-86_400_000 - 3_600_000), validTo: null }],
    nominalAt: noon,
    prunedUntil: null,
    createdAheadMs: { most: 60_000, least: 30_000 },
  };
  it.each<[string, Partial<ExplainTimeInput>, boolean, string]>([
    ['lies ahead', {}, true, 'It lies ahead: its run is created 60 s to 30 s before.'],
    ['has passed unplanned', { plan: { ...given.plan, now: after(1) } }, true, 'the ticker is behind'],
    ['is a gap', { nominalAt: after(-86_400_000) }, true, 'a gap in the ledger'],
    [
      'was pruned',
      { nominalAt: after(-86_400_000), prunedUntil: after(-86_400_000) },
      true,
      'What became of it is not kept any more: runs up to 2029-12-31T12:00:00.000Z have been pruned.',
    ],
    [
      'is a gap after what was pruned',
      { nominalAt: after(-86_400_000), prunedUntil: after(-86_400_001) },
      true,
      'a gap in the ledger',
    ],
    [
      'was that of a one-time job, and pruned',
      { versions: [], plan: { ...given.plan, scheduledAt: noon }, prunedUntil: noon },
      false,
      'is not kept any more',
    ],
    ['is not named', { nominalAt: after(1) }, false, 'The next that it names is 2030-01-02T12:00:00.000Z'],
    ['was before the job', { nominalAt: after(-30 * 86_400_000) }, false, 'The job did not exist then'],
    ['waits for the job', { job: paused.job }, true, 'the job is paused'],
    [
      'comes after the end',
      { versions: [{ ...given.versions[0]!, validTo: after(-1) }], job: { ...job, status: 'cancelled' } },
      true,
      'The job names no time after',
    ],
    [
      'is not that of a one-time job',
      { versions: [], plan: { ...given.plan, scheduledAt: after(5) } },
      false,
      'This job runs once, at 2030-01-01T12:00:00.005Z',
    ],
  ])('%s', (_name, change, named, summary) => {
    const explained = explainTime({ ...given, ...change });
    expect(explained.named).toBe(named);
    expect(explained.summary).toContain(summary);
  });
});

describe('a time that lies ahead', () => {
  const day = 86_400_000;
  const daily = { cron: ['0 12 * * *'], timezone: 'UTC' };
  const given = (schedule: object, ofJob: Partial<ExplainedJob> = {}, plan: object = {}): ExplainTimeInput => ({
    job: { ...job, ...ofJob },
    plan: { status: 'pending', nextRunAt: noon, plannedCount: 0, scheduledAt: null, now: after(-3_600_000), ...plan },
    versions: [{ version: 1, schedule: { ...daily, ...schedule }, validFrom: after(-day), validTo: null }],
    nominalAt: after(3 * day),
    prunedUntil: null,
    createdAheadMs: { most: 60_000, least: 30_000 },
  });
  const pausedUntil = (ms: number) => ({ status: 'paused', pausedAt: after(-day), pausedUntil: after(ms) }) as const;
  const gateOf = ({ gates }: Explanation, name: string) => gates.find(({ gate }) => gate === name);
  const calendars = [{ id: 'c1', name: 'Holidays', days: ['2030-01-04'] }];

  it.each<[string, ExplainTimeInput, string, RegExp]>([
    ['comes', given({}), 'due', /^It lies ahead: its run is created 60 s to 30 s before\.$/],
    ['comes soon', given({}, {}, { now: after(3 * day - 20_000) }), 'due', /its run is about to be created/],
    [
      'is excluded',
      given({ excludeDates: ['2030-01-04'] }),
      'calendar',
      /will not run: 2030-01-04 is excluded by the job/,
    ],
    ['is a blackout day', given({ calendars }), 'calendar', /will not run: .* of the calendar "Holidays"/],
    ['comes after the last of maxRuns', given({ maxRuns: 3 }), 'job', /^No run is left for it: maxRuns is 3/],
    ['is the last of maxRuns', given({ maxRuns: 4 }), 'due', /^It lies ahead/],
    [
      'is the last, since an excluded day takes none',
      given({ maxRuns: 3, excludeDates: ['2030-01-02'] }),
      'due',
      /ahead/,
    ],
    ['lies in a pause', given({}, pausedUntil(9 * day)), 'job', /until 2030-01-10.* before the end of the pause\.$/],
    ['comes after a pause', given({}, pausedUntil(2 * day)), 'due', /^It lies ahead/],
    ['comes as a pause ends', given({}, pausedUntil(3 * day)), 'due', /^It lies ahead/],
    ['comes after a pause, which takes no runs', given({ maxRuns: 2 }, pausedUntil(2 * day)), 'due', /^It lies ahead/],
    ['comes after a pause and maxRuns', given({ maxRuns: 1 }, pausedUntil(2 * day)), 'job', /^No run is left/],
    [
      'is paused',
      given({}, { status: 'paused', pausedAt: noon }),
      'job',
      /^It has no run yet: the job is paused since/,
    ],
    [
      'is paused as long as the account is disabled',
      given({}, { ...pausedUntil(day), pauseReason: 'account_disabled' }),
      'job',
      /^It has no run yet: the job is paused/,
    ],
    [
      'is paused and excluded',
      given({ excludeDates: ['2030-01-04'] }, { status: 'paused', pausedAt: noon }),
      'job',
      /It will not run after that either: 2030-01-04 is excluded by the job\.$/,
    ],
    [
      'lies behind too many to count',
      { ...given({ cron: ['* * * * * *'], maxRuns: 20_000 }), nominalAt: after(15_000_000) },
      'due',
      /whether maxRuns leaves it a run is not counted\.$/,
    ],
  ])('%s', (_what, input, gate, summary) => {
    const explained = explainTime(input);
    expect(explained.named).toBe(true);
    expect(explained.summary).toMatch(summary);
    expect(shape(explained)[0]).toBe(gate);
    if (gate !== 'job')
      expect(gateOf(explained, 'job')?.detail).toContain(input.job.status === 'paused' ? 'ends before' : 'active');
  });

  it('names no time after the end, and says where a time that is named has no run left', () => {
    const between = (input: ExplainTimeInput) => explainTime({ ...input, nominalAt: after(3 * day + 1) }).summary;
    expect(between(given({}))).toContain('The next that it names is 2030-01-05T12:00:00.000Z.');
    expect(between(given({ maxRuns: 4 }))).toMatch(/2030-01-05T12:00:00.000Z\. No run is left for that one/);
    const cancelled = given({});
    cancelled.versions[0]!.validTo = after(3 * day);
    expect(between(cancelled)).toContain('It names none after it.');
    expect(between(given({ endsAt: '2030-01-04T12:00:00Z' }))).toContain('It names none after it.');
  });
});

describe('a run that the future holds', () => {
  it('waits for its time, not for a pause that ends before it', () => {
    const until = { job: { ...paused.job, pausedUntil: after(60_000) } } as const;
    const explained = explainRun(input({ dueAt: after(60_000) }, until));
    expect(explained.gates[0]).toMatchObject({ state: 'open', detail: expect.stringContaining('ends before, at') });
    expect(shape(explained)[0]).toBe('due');
    expect(shape(explainRun(input({ dueAt: after(59_999) }, until)))[0]).toBe('job');
  });

  it('has been passed by after one interval, where that is shorter than what is configured', () => {
    const catchUp = (now: Date, given: Partial<Run> = {}): string =>
      explainRun(input(given, { intervalMs: 2_000, now })).gates.find(({ gate }) => gate === 'catch_up')!.detail;
    expect(catchUp(after(2_000))).toBe('It has not been passed by: that is 2 s after it was due.');
    expect(catchUp(after(2_001))).toContain('Passed by for 2 s');
    const skipped = { state: 'skipped', reason: 'overlap', endedAt: after(5) } as const;
    expect(catchUp(after(3_600_000), skipped)).toContain('It has not been passed by');
  });

  it('knows no calendar when somebody asked for it', () => {
    const explained = explainRun(input({ trigger: 'manual', nominalAt: after(86_400_000), dueAt: after(86_400_000) }));
    expect(explained.gates[1]).toMatchObject({ gate: 'calendar', detail: 'No calendar applies.' });
  });
});
