import { describe, expect, it } from '@jest/globals';
import { timesBetween } from './next-time.js';
import { MOST_COUNTED, runsLeftAt } from './remaining-runs.js';
import type { ResolvedSchedule } from './schedule.js';
import { suppressedBy } from './suppression.js';
import { DAY } from './time-units.js';

const from = new Date('2030-03-01T00:00:00Z');
const until = null;
const after = (days: number) => new Date(from.getTime() + days * DAY);
const left = (schedule: ResolvedSchedule, count: number, days: number) =>
  runsLeftAt(schedule, { count, from, until }, after(days), 'seed');

const schedules: [string, ResolvedSchedule][] = [
  ['an interval', { intervalMs: 3_600_000, anchorAt: '2029-01-01T00:00:00.000Z', timezone: 'UTC' }],
  [
    'an interval with excluded days',
    { intervalMs: 3_600_000, anchorAt: '2029-01-01T00:00:00.000Z', timezone: 'UTC', excludeDates: ['2030-03-05'] },
  ],
  ['a pattern', { recurrencePattern: 'hourly', anchorAt: '2029-01-01T00:30:00.000Z', timezone: 'Europe/Berlin' }],
  ['lines over a clock change', { cron: ['0 * * * *', '*/30 2 * * *'], timezone: 'Europe/Berlin' }],
  ['a line with excluded days', { cron: ['0 9 * * *'], timezone: 'UTC', excludeDates: ['2030-03-05', '2030-03-06'] }],
];

describe('runsLeftAt', () => {
  it.each(schedules)('is what a walk counts: %s', (_, schedule) => {
    for (const days of [0, 1, 7, 40]) {
      const before = timesBetween(
        schedule,
        new Date(from.getTime() - 1),
        new Date(after(days).getTime() - 1),
        'seed',
        99_999,
      );
      const used = before.filter((time) => !suppressedBy(schedule, time)).length;
      for (const count of [0, 1, 10, used, used + 1, used + 50])
        expect(left(schedule, count, days)).toBe(Math.max(0, count - used));
    }
  });

  it('divides what is elapsed time, however far it asks', () => {
    const everySecond = { intervalMs: 1_000, anchorAt: from.toISOString(), timezone: 'UTC' };
    expect(left(everySecond, 1e9, 10_000)).toBe(1e9 - 864e6);
    expect(left(everySecond, 10, 10_000)).toBe(0);
  });

  it('needs no count where more are left than can have passed', () => {
    expect(left({ cron: ['* * * * * *'], timezone: 'UTC' }, 1e9, 365)).toBeGreaterThan(MOST_COUNTED);
  });

  it('says that it has not counted where it would have to walk further', () => {
    const everyMinute = { cron: ['* * * * *'], timezone: 'UTC' };
    expect(left(everyMinute, MOST_COUNTED, 30)).toBe(0);
    expect(left(everyMinute, 2 * MOST_COUNTED, 30)).toBeNull();
  });

  it('is without end where no run is counted', () => {
    expect(left({ cron: ['* * * * *'], timezone: 'UTC' }, Infinity, 10_000)).toBe(Infinity);
  });
});
