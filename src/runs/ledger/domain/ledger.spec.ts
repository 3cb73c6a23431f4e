import { describe, expect, it } from '@jest/globals';
import { RangeTooFar, RangeTooLarge, expectedTimes, ledgerOf } from './ledger.js';
import type { JobPlan, LedgerInput, LedgerRow, LedgerVersion } from './ledger.js';

const at = (time: string): Date => new Date(`2030-01-01T${time}Z`);
const from = at('00:00:00');
const to = at('12:00:00');
const hourly = (change: Partial<LedgerVersion> = {}): LedgerVersion => ({
  version: 1,
  schedule: { cron: ['0 * * * *'], timezone: 'UTC' },
  validFrom: at('00:30:00'),
  validTo: null,
  ...change,
});
const plan = (change: Partial<JobPlan> = {}): JobPlan => ({
  status: 'pending',
  nextRunAt: at('06:00:00'),
  plannedCount: 5,
  scheduledAt: null,
  now: at('05:30:00'),
  ...change,
});
const row = (hour: number, change: Partial<LedgerRow> = {}): LedgerRow => ({
  runId: `run ${hour}`,
  nominalAt: at(`0${hour}:00:00`),
  nominalUntil: null,
  state: 'succeeded',
  reason: 'completed',
  jobVersion: 1,
  ...change,
});
const rows = [1, 2, 3, 4, 5].map((hour) => row(hour));
const ledger = (change: Partial<LedgerInput> = {}) =>
  ledgerOf({ jobId: 'job', versions: [hourly()], plan: plan(), rows, prunedUntil: null, ...change }, from, to);

describe('a ledger', () => {
  it('counts what ran and what is to come', () => {
    expect(ledger()).toMatchObject({
      expected: 11,
      accountedFor: 11,
      byOutcome: { succeeded: 5, toCome: 6, missed: 0 },
      missing: [],
      unexpected: [],
      summary: 'accounted for: 11 of 11',
    });
  });

  it('misses a time that was planned and has no row', () => {
    const found = ledger({ rows: rows.filter(({ runId }) => runId !== 'run 3') });
    expect(found).toMatchObject({ expected: 11, accountedFor: 10, missing: [at('03:00:00')], missingCount: 1 });
    expect(found.summary).toBe('accounted for: 10 of 11; 1 missing');
  });

  it('does not call a time missing that the ticker has yet to plan, and does not call it accounted for', () => {
    const behind = ledger({ plan: plan({ nextRunAt: at('04:00:00') }), rows: rows.slice(0, 3) });
    expect(behind).toMatchObject({ expected: 11, accountedFor: 9, missingCount: 0, byOutcome: { unplanned: 2 } });
    expect(behind.summary).toBe('accounted for: 9 of 11; 2 passed and not planned yet');
  });

  it('counts what was pruned apart: up to the mark, no row is no gap, and none is made up', () => {
    const kept = rows.filter(({ runId }) => runId === 'run 1' || runId === 'run 5');
    const found = ledger({ rows: kept, prunedUntil: at('03:00:00') });
    expect(found).toMatchObject({
      ...{ expected: 11, accountedFor: 8, missing: [at('04:00:00')], prunedUntil: at('03:00:00') },
      byOutcome: { succeeded: 2, pruned: 2, toCome: 6 },
      summary: 'accounted for: 8 of 11; 1 missing; 2 pruned, up to 2030-01-01T03:00:00.000Z',
    });
  });

  it('lets the times of a paused job wait for it', () => {
    const paused = plan({ status: 'paused', nextRunAt: at('04:00:00') });
    expect(ledger({ plan: paused, rows: rows.slice(0, 3) })).toMatchObject({
      accountedFor: 11,
      byOutcome: { paused: 8, succeeded: 3 },
    });
  });

  it('counts what was planned before a pause and has not started as paused too', () => {
    const waiting = row(4, { state: 'scheduled', reason: null });
    const paused = plan({ status: 'paused', nextRunAt: at('05:00:00') });
    expect(ledger({ plan: paused, rows: [...rows.slice(0, 3), waiting] })).toMatchObject({
      accountedFor: 11,
      byOutcome: { scheduled: 0, paused: 8, succeeded: 3 },
    });
  });

  it('takes a range row for all its times', () => {
    const range = row(2, { nominalUntil: at('04:00:00'), state: 'missed', reason: 'outside_window' });
    expect(ledger({ rows: [row(1), range, row(5)] })).toMatchObject({
      accountedFor: 11,
      byOutcome: { missed: 3, succeeded: 2 },
    });
  });

  it('asks each version for the times between its change and the next', () => {
    const versions = [
      hourly({ validTo: at('03:00:00') }),
      hourly({ version: 2, schedule: { cron: ['30 * * * *'], timezone: 'UTC' }, validFrom: at('03:00:00') }),
    ];
    const half = (hour: number) => row(hour, { nominalAt: at(`0${hour}:30:00`), jobVersion: 2, runId: `half ${hour}` });
    const found = ledger({
      versions,
      rows: [row(1), row(2), row(3), half(3), half(4)],
      plan: plan({ nextRunAt: at('05:30:00') }),
    });
    expect(found).toMatchObject({ expected: 12, missing: [], unexpected: [] });
    const late = ledger({
      versions,
      rows: [row(1), row(2), half(3), half(4)],
      plan: plan({ nextRunAt: at('05:30:00') }),
    });
    expect(late.missing).toEqual([at('03:00:00')]);
  });

  it('finds rows that no schedule names, but not those that a former version planned', () => {
    const strange = row(2, { nominalAt: at('02:10:00'), runId: 'strange' });
    expect(ledger({ rows: [...rows, strange] })).toMatchObject({ unexpected: [strange], unexpectedCount: 1 });
    const versions = [
      hourly({
        schedule: { cron: ['10 * * * *'], timezone: 'UTC' },
        validFrom: at('00:00:00'),
        validTo: at('00:30:00'),
      }),
      hourly({ version: 2 }),
    ];
    const first = row(0, { nominalAt: at('00:10:00') });
    expect(ledger({ versions, rows: [first, ...rows, strange] }).unexpected).toEqual([]);
  });

  it('expects nothing after the last run that the job may have', () => {
    const ended = {
      versions: [hourly({ validTo: at('05:00:00') })],
      plan: plan({ nextRunAt: null, status: 'completed' }),
    };
    expect(ledger(ended)).toMatchObject({ expected: 5, accountedFor: 5 });
    const limited = hourly({ schedule: { cron: ['0 * * * *'], timezone: 'UTC', maxRuns: 7 } });
    expect(ledger({ versions: [limited] })).toMatchObject({ expected: 7, byOutcome: { toCome: 2 } });
  });

  it('counts the runs that are left from the next one on, also before a range that lies ahead', () => {
    const limited = (maxRuns: number, cron = '0 * * * *') =>
      ledgerOf(
        {
          jobId: 'job',
          versions: [hourly({ schedule: { cron: [cron], timezone: 'UTC', maxRuns } })],
          plan: plan(),
          rows: [],
          prunedUntil: null,
        },
        at('10:00:00'),
        at('14:00:00'),
      );
    // Five have a row, those of 6 to 9 come before the range.
    expect([9, 10, 12, 99].map((maxRuns) => limited(maxRuns).expected)).toEqual([0, 1, 3, 4]);
    expect(() => limited(12_000, '* * * * * *')).toThrow(RangeTooLarge);
    const often = hourly({ schedule: { cron: ['* * * * * *'], timezone: 'UTC', maxRuns: 12_000 } });
    const input = { jobId: 'job', versions: [often], plan: plan(), rows: [], prunedUntil: null };
    expect(() => ledgerOf(input, at('10:00:00'), at('10:00:09'))).toThrow(RangeTooFar);
  });

  it('has one time for a one-time job, and knows that it was moved there', () => {
    const moved = row(2, { state: 'cancelled', reason: 'rescheduled' });
    const once = { versions: [], plan: plan({ scheduledAt: at('03:00:00'), nextRunAt: null }), rows: [moved, row(3)] };
    expect(ledger(once)).toMatchObject({ expected: 1, accountedFor: 1, unexpected: [] });
  });

  it('covers ten thousand times at most', () => {
    const everySecond = hourly({ schedule: { intervalMs: 1_000, anchorAt: from.toISOString(), timezone: 'UTC' } });
    expect(() => ledger({ versions: [everySecond] })).toThrow(RangeTooLarge);
  });

  it('pauses while it looks for many times, and after each version, so that others are served meanwhile', () => {
    const pauses = (versions: LedgerVersion[], end: Date): number => {
      const input = { jobId: 'job', versions, plan: plan() };
      let count = 0;
      for (const _pause of expectedTimes(input, from, end)) count++;
      return count;
    };
    const everySecond = hourly({ schedule: { cron: ['* * * * * *'], timezone: 'UTC' }, validFrom: from });
    expect(pauses([everySecond], at('02:00:00'))).toBe(15);
    const minutes = Array.from({ length: 59 }, (_, minute) => at(`00:${`${minute}`.padStart(2, '0')}:00`));
    const changed = minutes.map((validFrom, index) => hourly({ validFrom, validTo: minutes[index + 1] ?? null }));
    expect(pauses(changed, to)).toBe(59);
  });
});
