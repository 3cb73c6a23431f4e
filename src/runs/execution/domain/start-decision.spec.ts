import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { catchupModes, defaultCatchup, overlapPolicies } from '../../../jobs/domain/policies.js';
import type { Catchup, OverlapPolicy } from '../../../jobs/domain/policies.js';
import { decideStarts } from './start-decision.js';
import type { GatePolicies, GateRun, StartDecision } from './start-decision.js';

const now = new Date('2030-01-01T12:00:00Z');
const at = (agoMs: number): Date => new Date(now.getTime() - agoMs);
const policies = (overlapPolicy: OverlapPolicy, catchup: Partial<Catchup> = {}): GatePolicies => ({
  overlapPolicy,
  catchup: { ...defaultCatchup, ...catchup },
  intervalMs: 60_000,
  catchupAfterMs: 10_000,
  laterTimes: 0,
});
const run = (runId: string, agoMs: number, given: Partial<GateRun> = {}): GateRun => ({
  runId,
  state: 'scheduled',
  trigger: 'schedule',
  nominalAt: at(agoMs),
  dueAt: at(agoMs),
  plannedLate: false,
  startedAt: null,
  heldBy: null,
  keepsPlace: false,
  ...given,
});
const told = (decisions: StartDecision[]): Record<string, string> =>
  Object.fromEntries(
    decisions.map((decision) => [
      decision.runId,
      decision.kind === 'end' ? `${decision.state}: ${decision.reason}` : decision.kind,
    ]),
  );

describe('overlap', () => {
  const holder = run('holder', 5_000, { state: 'running' });
  it.each<[OverlapPolicy, Record<string, string>]>([
    ['skip', { a: 'skipped: overlap', b: 'skipped: overlap' }],
    ['buffer_one', { a: 'wait', b: 'skipped: overlap' }],
    ['buffer_all', { a: 'wait', b: 'wait' }],
    ['cancel_other', { a: 'skipped: overlap', b: 'wait', holder: 'cancel' }],
    ['allow_all', { a: 'start', b: 'start' }],
  ])('%s', (policy, expected) => {
    expect(told(decideStarts(policies(policy), [run('b', 0), run('a', 1_000), holder], now))).toEqual(expected);
  });

  it('starts the next run once no other holds it, and also a retry that is its own holder', () => {
    expect(told(decideStarts(policies('skip'), [run('a', 0)], now))).toEqual({ a: 'start' });
    const retrying = run('r', 5_000, { state: 'retrying' });
    expect(told(decideStarts(policies('skip'), [retrying, run('a', 0)], now))).toEqual({
      r: 'start',
      a: 'skipped: overlap',
    });
  });

  it('names the run that holds another', () => {
    expect(decideStarts(policies('skip'), [holder, run('a', 0)], now)).toContainEqual(
      expect.objectContaining({ runId: 'a', heldBy: 'holder' }),
    );
  });

  it.each(['skip', 'buffer_one', 'cancel_other'] as const)(
    '%s lets runs with another trigger than the schedule wait',
    (policy) => {
      const asked = [run('m', 1_000, { trigger: 'manual' }), run('f', 90_000_000, { trigger: 'backfill' })];
      expect(told(decideStarts(policies(policy), [holder, ...asked], now))).toEqual({ m: 'wait', f: 'wait' });
    },
  );
});

describe('a backfill', () => {
  const filling = run('filling', 90_000_000, { trigger: 'backfill', state: 'running' });
  const next = run('next', 80_000_000, { trigger: 'backfill' });

  it.each(['skip', 'buffer_one', 'cancel_other', 'buffer_all'] as const)(
    '%s: skips none of the job’s own times',
    (policy) => {
      const decided = told(decideStarts(policies(policy), [filling, next, run('a', 2_000), run('b', 1_000)], now));
      expect(decided).toEqual({ a: 'wait', b: 'wait', next: 'wait' });
    },
  );

  it('starts the runs of the job’s schedule first', () => {
    expect(told(decideStarts(policies('skip'), [next, run('a', 0)], now))).toEqual({ a: 'start', next: 'wait' });
  });

  it('is never missed', () => {
    expect(told(decideStarts(policies('skip', { mode: 'none' }), [next], now))).toEqual({ next: 'start' });
  });
});

describe('catch-up', () => {
  const passed = [run('old', 7_200_000), run('a', 300_000), run('b', 200_000), run('c', 100_000)];
  it.each<[string, Partial<Catchup>, Record<string, string>]>([
    [
      'none',
      { mode: 'none' },
      { old: 'missed: catchup_none', a: 'missed: catchup_none', b: 'missed: catchup_none', c: 'missed: catchup_none' },
    ],
    [
      'latest',
      { mode: 'latest' },
      { old: 'missed: outside_window', a: 'missed: superseded', b: 'missed: superseded', c: 'start' },
    ],
    ['all', { mode: 'all' }, { old: 'missed: outside_window', a: 'start', b: 'wait', c: 'wait' }],
    [
      'all, at most 2',
      { mode: 'all', max: 2 },
      { old: 'missed: outside_window', a: 'missed: outside_window', b: 'start', c: 'wait' },
    ],
    [
      'a short window',
      { mode: 'all', windowMs: 150_000 },
      { old: 'missed: outside_window', a: 'missed: outside_window', b: 'missed: outside_window', c: 'start' },
    ],
  ])('%s', (_name, catchup, expected) => {
    expect(told(decideStarts(policies('skip', catchup), passed, now))).toEqual(expected);
  });

  it('latest makes up nothing when a later time is due', () => {
    expect(told(decideStarts(policies('skip'), [run('c', 100_000), run('d', 0)], now))).toEqual({
      c: 'missed: superseded',
      d: 'start',
    });
  });
});

describe('a run that catch-up all has promised', () => {
  const all = { mode: 'all' } as const;
  const passed = ['a', 'b', 'c', 'd'].map((id, index) => run(id, 500_000 - index * 60_000));

  /** Decides again and again: a run that starts has ended at the next decision. */
  function lookThrough(policy: OverlapPolicy, catchup: Partial<Catchup>, given: GateRun[]): string[] {
    const ended: string[] = [];
    for (let live = given; live.length > 0;) {
      const decisions = decideStarts(policies(policy, catchup), live, now);
      const next: GateRun[] = [];
      for (const one of live) {
        const own = decisions.find((decision) => decision.runId === one.runId && decision.kind !== 'cancel');
        if (own?.kind === 'wait')
          next.push({ ...one, heldBy: own.heldBy, keepsPlace: one.keepsPlace || own.keepsPlace });
        else ended.push(own?.kind === 'end' ? `${one.runId} ${own.reason}` : `${one.runId} ran`);
      }
      live = next;
    }
    return ended;
  }

  it.each(overlapPolicies)('%s: starts at last, however often the gate decides', (policy) => {
    expect(lookThrough(policy, all, passed)).toEqual(['a ran', 'b ran', 'c ran', 'd ran']);
    expect(lookThrough(policy, { ...all, max: 2 }, passed).sort()).toEqual([
      ...['a outside_window', 'b outside_window', 'c ran', 'd ran'],
    ]);
  });

  it('stays promised under another catch-up mode, and a later time does not cancel it', () => {
    const madeUp = { keepsPlace: true, startedAt: at(60_500) };
    const runs = [
      run('a', 500_000, { ...madeUp, state: 'running' }),
      run('b', 300_000, { heldBy: 'a', keepsPlace: true }),
      run('late', 0),
    ];
    expect(told(decideStarts(policies('cancel_other', { mode: 'none' }), runs, now))).toEqual({
      b: 'wait',
      late: 'wait',
    });
    expect(told(decideStarts(policies('skip'), runs, now))).toEqual({ b: 'wait', late: 'skipped: overlap' });
  });

  it('is promised when it was due before the made-up run that holds it started, and not when it was due later', () => {
    const madeUp = run('a', 70_000, { state: 'running', keepsPlace: true, startedAt: at(2_000) });
    const both = [madeUp, run('before', 3_000), run('after', 1_000)];
    expect(told(decideStarts(policies('skip', all), both, now))).toEqual({ before: 'wait', after: 'skipped: overlap' });
  });

  it('counts times without a row among the newest', () => {
    const behind = { ...policies('skip', { ...all, max: 3 }), laterTimes: 2 };
    const missed = { a: 'missed: outside_window', b: 'missed: outside_window', c: 'missed: outside_window' };
    expect(told(decideStarts(behind, passed, now))).toEqual({ ...missed, d: 'start' });
    const latest = { ...policies('skip'), laterTimes: 1 };
    expect(told(decideStarts(latest, [run('c', 100_000)], now))).toEqual({ c: 'missed: superseded' });
  });
});

describe('a run that a worker handed back', () => {
  it.each(catchupModes)('is neither missed nor skipped: %s', (mode) => {
    const back = run('back', 500_000, { keepsPlace: true, startedAt: at(400_000) });
    const [busy, next] = [run('busy', 600_000, { state: 'running' }), run('next', 0)];
    expect(told(decideStarts(policies('skip', { mode }), [back, next], now))).toMatchObject({ back: 'start' });
    expect(told(decideStarts(policies('skip', { mode }), [busy, back], now))).toEqual({ back: 'wait' });
  });
});

describe('a run that only a backfill held', () => {
  it('keeps its turn when another run of the job’s schedule starts first', () => {
    const own = [run('a', 5_000, { state: 'running' }), run('b', 3_000, { heldBy: 'backfilled', keepsPlace: true })];
    expect(told(decideStarts(policies('skip'), own, now))).toEqual({ b: 'wait' });
  });
});

const anyRun = fc.record({
  state: fc.constantFrom<GateRun['state']>('scheduled', 'running', 'retrying'),
  trigger: fc.constantFrom<GateRun['trigger']>('schedule', 'manual', 'backfill'),
  agoMs: fc.integer({ min: 0, max: 10_000_000 }),
});

describe('for any live runs', () => {
  it('each run that may start gets one decision, and only one starts unless the policy allows all', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(anyRun, { maxLength: 12, selector: ({ agoMs }) => agoMs }),
        fc.constantFrom(...overlapPolicies),
        fc.record({ mode: fc.constantFrom(...catchupModes), max: fc.integer({ min: 1, max: 5 }) }),
        (given, policy, catchup) => {
          const runs = given.map(({ agoMs, ...rest }, index) => run(`r${index}`, agoMs, rest));
          const decisions = decideStarts(policies(policy, catchup), runs, now);
          const own = decisions.filter(({ kind }) => kind !== 'cancel');
          const mayStart = runs.filter(({ state }) => state !== 'running');
          expect(own.map(({ runId }) => runId).sort()).toEqual(mayStart.map(({ runId }) => runId).sort());
          const starts = own.filter(({ kind }) => kind === 'start').length;
          const busy = runs.some(({ state }) => state === 'running');
          if (policy !== 'allow_all') expect(starts).toBeLessThanOrEqual(busy ? 0 : 1);
          const live = runs.length - own.filter(({ kind }) => kind === 'end').length;
          if (!busy && live > 0) expect(starts).toBeGreaterThan(0);
        },
      ),
    );
  });
});
