import { describe, expect, it } from '@jest/globals';
import { nextClockChanges } from './clock-changes.js';
import { describeTime } from './describe-time.js';
import { previewSchedule } from './preview.js';
import type { ScheduleInput } from './schedule-kind.js';
import { asSent } from './schedule-warning.js';
import type { ResolvedSchedule } from './schedule.js';

const newYork = 'America/New_York';
const preview = (schedule: ResolvedSchedule, from: string, count = 3) =>
  previewSchedule(schedule, new Date(from), count, 'job');

describe('nextClockChanges', () => {
  it('names both kinds, with what the clock shows', () => {
    expect(nextClockChanges(newYork, new Date('2025-01-01T00:00:00Z'), 2)).toEqual([
      {
        at: new Date('2025-03-09T07:00:00Z'),
        kind: 'gap',
        sizeMs: 3_600_000,
        localBefore: '2025-03-09T02:00:00',
        localAfter: '2025-03-09T03:00:00',
        offsetBefore: '-05:00',
        offsetAfter: '-04:00',
        calendarCorrection: false,
      },
      {
        at: new Date('2025-11-02T06:00:00Z'),
        kind: 'overlap',
        sizeMs: 3_600_000,
        localBefore: '2025-11-02T02:00:00',
        localAfter: '2025-11-02T01:00:00',
        offsetBefore: '-04:00',
        offsetAfter: '-05:00',
        calendarCorrection: false,
      },
    ]);
  });

  it('is strict about "after", and empty where nothing changes', () => {
    expect(nextClockChanges(newYork, new Date('2025-03-09T07:00:00Z'), 1)[0]?.kind).toBe('overlap');
    expect(nextClockChanges(newYork, new Date('2025-03-09T06:59:59.999Z'), 1)[0]?.kind).toBe('gap');
    expect(nextClockChanges('Asia/Kathmandu', new Date('2025-01-01T00:00:00Z'), 2)).toEqual([]);
  });

  it('knows a day that was left out for a correction of the calendar', () => {
    const [change] = nextClockChanges('Pacific/Apia', new Date('2011-12-01T00:00:00Z'), 1);
    expect(change).toMatchObject({ calendarCorrection: true, sizeMs: 86_400_000, localAfter: '2011-12-31T00:00:00' });
  });
});

describe('describeTime', () => {
  const describeAt = (schedule: ResolvedSchedule, at: string) => describeTime(schedule, new Date(at), 'job');

  it('says which lines name it and what the gap did', () => {
    const described = describeAt(
      { cron: ['10,50 2 * * *', '0 3 * * 0', '0 4 * * *'], timezone: newYork },
      '2025-03-09T07:00:00Z',
    );
    expect(described.localTime).toBe('2025-03-09T03:00:00-04:00');
    expect(described.namedBy).toEqual([
      {
        pointer: '/cron/0',
        text: 'cron "10,50 2 * * *"',
        effect: 'made_up',
        missingLocalTimes: ['2025-03-09T02:10:00', '2025-03-09T02:50:00'],
      },
      { pointer: '/cron/1', text: 'cron "0 3 * * 0"', effect: null, missingLocalTimes: [] },
    ]);
    expect(described.reason).toContain('2025-03-09T02:10:00, 2025-03-09T02:50:00 does not exist');
  });

  it('tells the copies of a repeated hour apart, and what follows from both', () => {
    const hourly: ResolvedSchedule = { cron: ['0 * * * *'], timezone: newYork };
    const effects = ['04', '05', '06', '07'].map(
      (hour) => describeAt(hourly, `2025-11-02T${hour}:00:00Z`).namedBy[0]?.effect,
    );
    expect(effects).toEqual([null, 'first_copy', 'second_copy', null]);
    expect(describeAt({ cron: ['0 1 * * *'], timezone: newYork }, '2025-11-02T06:00:00Z').namedBy).toEqual([]);
  });

  it('does not claim what is no nominal time', () => {
    const interval: ResolvedSchedule = { intervalMs: 60_000, anchorAt: '2025-01-01T00:00:30.000Z', timezone: 'UTC' };
    expect(describeAt(interval, '2025-01-01T00:01:00Z').reason).toBe('not a nominal time of this schedule');
    expect(describeAt(interval, '2025-01-01T00:01:30Z').reason).toBe('every 60000 ms from 2025-01-01T00:00:30.000Z');
    expect(describeAt(interval, '2024-12-31T23:59:30Z').namedBy).toEqual([]);
  });
});

describe('previewSchedule', () => {
  it('shows suppressed times as such', () => {
    const schedule: ResolvedSchedule = {
      cron: ['0 20 * * *'],
      timezone: newYork,
      excludeDates: ['2025-01-02'],
      calendars: [{ id: 'c1', version: 1, name: 'Holidays', days: ['2025-01-02', '2025-01-03'] }],
    };
    const { nextRuns } = preview(schedule, '2025-01-01T06:00:00Z', 4);
    expect(nextRuns.map(({ localTime, suppressed }) => [localTime, suppressed?.reason ?? null])).toEqual([
      ['2025-01-01T20:00:00-05:00', null],
      ['2025-01-02T20:00:00-05:00', '2025-01-02 is excluded by the job'],
      ['2025-01-03T20:00:00-05:00', '2025-01-03 is a blackout day of the calendar "Holidays"'],
      ['2025-01-04T20:00:00-05:00', null],
    ]);
    expect(nextRuns[2]?.suppressed?.calendar).toEqual({ id: 'c1', name: 'Holidays' });
    expect(nextRuns[2]?.reason).toContain('skipped: ');
  });

  it('plays each rule through at both clock changes', () => {
    const { clockChanges } = preview({ cron: ['30 1,2 * * *'], timezone: newYork }, '2025-01-01T00:00:00Z');
    const shown = clockChanges.map(({ kind, rulesDiffer, outcomes }) => ({
      kind,
      rulesDiffer,
      outcomes: outcomes.map(({ rule, applies, times }) => [rule, applies, times.map(({ localTime }) => localTime)]),
    }));
    expect(shown).toEqual([
      {
        kind: 'gap',
        rulesDiffer: true,
        outcomes: [
          ['next_valid', true, ['2025-03-09T01:30:00-05:00', '2025-03-09T03:00:00-04:00']],
          ['skip', false, ['2025-03-09T01:30:00-05:00']],
        ],
      },
      {
        kind: 'overlap',
        rulesDiffer: true,
        outcomes: [
          ['first', true, ['2025-11-02T01:30:00-04:00']],
          ['both', false, ['2025-11-02T01:30:00-04:00', '2025-11-02T01:30:00-05:00']],
        ],
      },
    ]);
  });

  it('stops at maxRuns and at the end', () => {
    const schedule: ResolvedSchedule = { intervalMs: 1_000, anchorAt: '2025-01-01T00:00:00.000Z', timezone: 'UTC' };
    expect(preview({ ...schedule, maxRuns: 2 }, '2025-01-01T00:00:00Z', 10).nextRuns).toHaveLength(2);
    const ended = preview({ ...schedule, endsAt: '2025-01-01T00:00:03.000Z' }, '2025-01-01T00:00:00Z', 10).nextRuns;
    expect(ended.map(({ nominalAt }) => nominalAt.toISOString())).toEqual([
      '2025-01-01T00:00:01.000Z',
      '2025-01-01T00:00:02.000Z',
      '2025-01-01T00:00:03.000Z',
    ]);
  });
});

describe('warnings', () => {
  const codesOf = (schedule: ResolvedSchedule) =>
    preview(schedule, '2025-01-01T00:00:00Z').warnings.map(({ pointer, code }) => `${pointer} ${code}`);

  it.each([
    ['0 0 31 * *', ['short_months_skipped']],
    ['0 0 L * *', []],
    ['*/7 * * * *', ['uneven_step']],
    ['*/15 */4 * * *', []],
    ['0 */5 * * *', ['uneven_step']],
    ['0 0 13 * 5', ['either_day_field']],
    ['0 0 */2 * 1', ['both_day_fields', 'uneven_step']],
    ['0 0 15,31 * *', ['short_months_skipped']],
    ['0 0 28-31 * *', []],
    ['0 0 31W * *', ['short_months_skipped']],
    ['0 0 * * 1#5', ['short_months_skipped']],
    ['0 0 * * 1#4', []],
    ['0 0 */31 * *', ['uneven_step']],
    ['0 0 1 */5 *', ['uneven_step']],
    ['0 0 1 */3 *', []],
    ['0 0 * * */2', ['uneven_step']],
    ['1-5/10 * * * *', ['step_beyond_range']],
    ['1-11/10 * * * *', []],
    ['* 5 * * *', ['every_minute']],
    ['0 9 * * 1-5', []],
  ])('of %j: %j', (line, codes) => {
    expect(codesOf({ cron: [line], timezone: 'UTC' })).toEqual(codes.map((code) => `/cron/0 ${code}`));
  });

  it('point at lines that a clock change touches, and leave out those that just go on', () => {
    const cron = ['30 2 * * *', '0 9 * * *', '*/5 * * * *', '*/15 1 * * *'];
    expect(codesOf({ cron, timezone: newYork })).toEqual(['/cron/0 clock_change', '/cron/3 clock_change']);
    const { warnings } = preview(
      { cron: ['30 2 * * *'], timezone: newYork, dst: { gap: 'skip', overlap: 'first' } },
      '2025-01-01T00:00:00Z',
    );
    expect(warnings[0]?.detail).toContain('it does not run for them');
  });

  it('tell that days of elapsed time move on the clock, where it changes', () => {
    const daily = { anchorAt: '2025-01-01T08:00:00.000Z', intervalMs: 86_400_000 };
    expect(codesOf({ ...daily, timezone: 'Europe/Berlin' })).toEqual(['/intervalMs elapsed_days']);
    expect(codesOf({ ...daily, timezone: 'UTC' })).toEqual([]);
    expect(codesOf({ ...daily, intervalMs: 3_600_000, timezone: 'Europe/Berlin' })).toEqual([]);
  });

  it('point into what was sent, where that is another form of the schedule', () => {
    const { warnings } = preview({ cron: ['*/7 * * * *'], timezone: 'UTC' }, '2025-01-01T00:00:00Z');
    const pointers = (input: ScheduleInput) => asSent(warnings, input).map(({ pointer }) => pointer);
    expect(pointers({ cron: '*/7 * * * *' })).toEqual(['/cron']);
    expect(pointers({ cron: ['*/7 * * * *'] })).toEqual(['/cron/0']);
    const interval: ResolvedSchedule = {
      anchorAt: '2025-01-01T08:00:00.000Z',
      intervalMs: 86_400_000,
      timezone: 'Europe/Berlin',
    };
    expect(asSent(preview(interval, '2025-01-01T00:00:00Z').warnings, { every: 'P1D' })[0]?.pointer).toBe('/every');
  });

  it('tell where a monthly pattern falls in short months', () => {
    const monthly = { recurrencePattern: 'monthly', timezone: 'Europe/Berlin' } as const;
    expect(codesOf({ ...monthly, anchorAt: '2025-01-30T23:30:00.000Z' })).toEqual([
      '/recurrencePattern short_months_clamped',
    ]);
    expect(codesOf({ ...monthly, anchorAt: '2025-01-28T22:30:00.000Z' })).toEqual([]);
  });
});
