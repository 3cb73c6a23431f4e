import { describe, expect, it } from '@jest/globals';
import { check, failuresOf } from '../../faults/checker.js';
import type { Call, Evidence, ExecutionRow, RunRow, Submission } from '../../faults/ledgers.js';

const second = 1_000;

const submitted = (key: string, more: Partial<Submission> = {}): Submission => ({
  ...{ key, kind: 'http', scheduledAt: null, sentAt: 0, answer: 'accepted', answeredAt: 1, jobId: `job-${key}` },
  ...{ endedAt: null, unknowns: 0, keyless: false, mayEnd: ['succeeded'], failures: 0, ...more },
});
const ran = (key: string, more: Partial<RunRow> = {}): RunRow => ({
  ...{ runId: `run-${key}`, jobId: `job-${key}`, key, handler: 'http', nominalAt: 0, state: 'succeeded' },
  ...{ reason: 'completed', attempts: 1, retryDelayMs: null, count: 1, nominalUntil: null, ...more },
});
const called = (key: string, leaseToken: number, startedAt: number, more: Partial<Call> = {}): Call => ({
  ...{ key, runId: `run-${key}`, leaseToken, startedAt, endedAt: startedAt + 100, effect: true },
  ...{ refused: false, askedMs: 0, ...more },
});
const executed = (key: string, leaseToken: number, status: string, startedAt: number): ExecutionRow => ({
  ...{
    runId: `run-${key}`,
    attempt: leaseToken,
    status,
    dueAt: startedAt - 1,
    startedAt,
    completedAt: startedAt + 101,
  },
  ...{ workerId: `host:${leaseToken}:abc`, leaseToken },
});
const job = (key: string, more = {}) => ({
  ...{ jobId: `job-${key}`, key, type: 'one_time', status: 'completed', intervalMs: null, createdAt: 0, updatedAt: 0 },
  maxRuns: null,
  ...more,
});

const held = () => ({ postgres: 20, redis: 12, descriptors: { worker1: 40 } });

/**
 * Five jobs: one went well, one lost its worker after the work, one comes every second and was cancelled, one was refused
 * once by its target, and one had an end.
 */
const sound = (): Evidence => ({
  submissions: [
    submitted('a'),
    submitted('b'),
    submitted('c', { kind: 'recurring', mayEnd: ['succeeded', 'cancelled'] }),
    ...[submitted('d'), submitted('e', { kind: 'recurring' })],
  ],
  calls: [
    ...[called('a', 1, 5_000), called('b', 1, 5_000), called('b', 2, 9_000)],
    ...[1, 2, 3].map((n) => called('c', 1, n * second + 3, { runId: `run-c${n}` })),
    ...[called('d', 1, 5_000, { effect: false, refused: true }), called('d', 2, 5_205)],
    ...[1, 2].map((n) => called('e', 1, n * second + 3, { runId: `run-e${n}` })),
  ],
  faults: [{ name: 'kill', target: 'worker1', pid: 1, kind: 'kill', from: 5_050, to: 5_050 }],
  jobs: [
    ...[job('a'), job('b')],
    job('c', { type: 'recurring', status: 'cancelled', intervalMs: second, updatedAt: 3_500 }),
    ...[job('d'), job('e', { type: 'recurring', intervalMs: second, maxRuns: 2 })],
  ],
  runs: [
    ...[ran('a'), ran('b', { attempts: 2 })],
    ...[1, 2, 3].map((n) => ran('c', { runId: `run-c${n}`, nominalAt: n * second })),
    ran('c', { runId: 'run-c4', nominalAt: 4 * second, state: 'cancelled' }),
    ran('d', { attempts: 2 }),
    ...[1, 2].map((n) => ran('e', { runId: `run-e${n}`, nominalAt: n * second })),
  ],
  executions: [
    ...[executed('a', 1, 'succeeded', 5_000), executed('b', 1, 'lost', 5_000), executed('b', 2, 'succeeded', 9_000)],
    ...[1, 2, 3].map((n) => ({ ...executed('c', 1, 'succeeded', n * second + 2), runId: `run-c${n}` })),
    ...[executed('d', 1, 'failed', 5_000), executed('d', 2, 'succeeded', 5_204)],
    ...[1, 2].map((n) => ({ ...executed('e', 1, 'succeeded', n * second + 2), runId: `run-e${n}` })),
  ],
  policy: { baseDelayMs: 100, maxDelayMs: second },
  open: { before: held(), after: held() },
});

const failuresAfter = (mutate: (evidence: Evidence) => void): string[] => {
  const evidence = sound();
  mutate(evidence);
  return failuresOf(check(evidence)).map((failure) => failure.split(':')[0] ?? '');
};

describe('the checker', () => {
  it('finds nothing wrong where nothing is, and counts what a dead worker explains', () => {
    const verdict = check(sound());
    expect(failuresOf(verdict)).toEqual([]);
    expect(verdict).toMatchObject({
      accepted: 5,
      runs: 9,
      ended: 9,
      calls: 10,
      duplicates: 1,
      lostAttempts: 1,
      redeliveries: 1,
    });
  });

  const mutations: [string, string, (evidence: Evidence) => void][] = [
    ['a run is gone', 'lost', ({ runs }) => runs.splice(0, 1)],
    ['a run never ends', 'lost', ({ runs }) => (runs[0]!.state = 'retrying')],
    ['its work was never done', 'lost', ({ calls }) => (calls[0]!.effect = false)],
    ['the only call is missing', 'lost', ({ calls }) => calls.splice(0, 1)],
    ['a run failed that should not', 'unexpected', ({ runs }) => (runs[0]!.state = 'failed')],
    ['somebody was called about nothing', 'unexpected', ({ calls }) => calls.push(called('z', 1, 5_000))],
    ['a key made two jobs', 'unexpected', ({ jobs }) => jobs.push(job('a', { jobId: 'twin' }))],
    ['nobody knows whether it was taken', 'unexpected', ({ submissions }) => (submissions[0]!.answer = 'unknown')],
    ['a call was made twice', 'unexplained', ({ calls }) => calls.push(called('a', 1, 6_000))],
    ['work was done again after a success', 'unexplained', ({ calls }) => calls.push(called('a', 2, 6_000))],
    ['a lost attempt is not on record', 'unexplained', ({ executions }) => executions.splice(1, 1)],
    ['two attempts succeeded', 'unexplained', ({ executions }) => (executions[1]!.status = 'succeeded')],
    ['tokens fall', 'unexplained', ({ calls }) => ([calls[1]!.leaseToken, calls[2]!.leaseToken] = [2, 1])],
    ['a call came a second early', 'early', ({ calls }) => (calls[0]!.startedAt -= second)],
    ['it came before its time', 'early', ({ submissions }) => (submissions[0]!.scheduledAt = 5_003)],
    ['two calls of a run at once', 'overlapping', ({ calls }) => (calls[1]!.endedAt = 9_001)],
    ['a nominal time has no row', 'unaccounted', ({ runs }) => runs.splice(3, 1)],
    [
      'a nominal time has two rows',
      'unaccounted',
      ({ runs }) => runs.push(ran('c', { runId: 'x', nominalAt: second })),
    ],
    ['a row counts fewer times than it covers', 'unaccounted', ({ runs }) => (runs[5]!.nominalUntil = 6 * second)],
    ['planning stopped before the end', 'unaccounted', ({ jobs }) => (jobs[2]!.updatedAt = 9_000)],
    ['a job was completed before its last time', 'unaccounted', ({ jobs }) => (jobs[4]!.maxRuns = 3)],
    ['an attempt comes before its wait is over', 'backoff', ({ executions }) => (executions[7]!.startedAt = 5_150)],
    ['the sink is called before the wait is over', 'backoff', ({ calls }) => (calls[7]!.startedAt = 5_197)],
    ["the job's own wait is longer", 'backoff', ({ runs }) => (runs[6]!.retryDelayMs = 200)],
    ['an attempt comes much too late', 'backoff', ({ executions }) => (executions[7]!.startedAt = 26_000)],
    ["a dead worker's run goes on at once", 'backoff', ({ executions }) => (executions[2]!.startedAt = 5_110)],
    ['connections to PostgreSQL stay open', 'leaked', ({ open }) => (open!.after.postgres = 25)],
    ['connections to Redis stay open', 'leaked', ({ open }) => (open!.after.redis = 17)],
    ['a process keeps its files open', 'leaked', ({ open }) => (open!.after.descriptors['worker1'] = 47)],
  ];
  it.each(mutations)('bites when %s', (_name, set, mutate) => {
    expect(failuresAfter(mutate)).toContain(set);
  });

  it('leaves open whether a submission without a key was taken, but not what became of it', () => {
    const withoutAnswer = (more: (evidence: Evidence) => void = () => undefined) =>
      failuresAfter((evidence) => {
        Object.assign(evidence.submissions[0]!, { answer: 'unknown', keyless: true });
        more(evidence);
      });
    expect(withoutAnswer()).toEqual([]);
    expect(
      withoutAnswer(({ jobs, runs, executions, calls }) => {
        for (const rows of [jobs, runs, executions, calls]) rows.splice(0, 1);
      }),
    ).toEqual([]);
    expect(withoutAnswer(({ runs }) => (runs[0]!.state = 'retrying'))).toContain('lost');
    expect(withoutAnswer(({ calls }) => (calls[0]!.effect = false))).toContain('lost');
    expect(withoutAnswer(({ jobs }) => jobs.push(job('a', { jobId: 'twin' })))).toContain('unexpected');
    expect(withoutAnswer(({ runs }) => runs.splice(0, 1))).toContain('unexplained');
  });

  it('knows how long a target asked to be left alone, and that faults take their time', () => {
    const evidence = sound();
    evidence.calls[6]!.askedMs = 900;
    evidence.executions[7]!.startedAt = 26_000;
    expect(failuresOf(check(evidence))).toEqual([]);
    evidence.executions[7]!.startedAt = 29_000;
    expect(check(evidence).backoff).toHaveLength(1);
    const outage = { name: 'away', target: 'postgres', pid: null, kind: 'other' as const };
    evidence.faults.push({ ...outage, from: 4_000, to: 8_000 }, { ...outage, from: 7_000, to: 9_000 });
    expect(check(evidence).backoff).toEqual([]);
  });

  it('lets what was handed back go on at once', () => {
    const evidence = sound();
    Object.assign(evidence.executions[6]!, { status: 'released' });
    Object.assign(evidence.executions[7]!, { startedAt: 5_101 });
    evidence.calls[6]!.refused = false;
    expect(check(evidence).backoff).toEqual([]);
  });

  it('counts an overlap apart when its first worker was frozen', () => {
    const evidence = sound();
    evidence.calls[1]!.endedAt = 9_001;
    evidence.faults.push({ name: 'freeze', target: 'worker1', pid: 1, kind: 'freeze', from: 5_010, to: 9_500 });
    expect(check(evidence)).toMatchObject({ overlapping: [], frozenOverlaps: 1 });
  });
});
