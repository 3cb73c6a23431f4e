import { describe, expect, it } from '@jest/globals';
import { timesBetween } from './next-time.js';
import type { RecurringSchedule } from './schedule.js';

const newYork = 'America/New_York';

describe('patterns and hashes', () => {
  const datesOf = (schedule: RecurringSchedule, from: string, to: string, seed = 'job') =>
    timesBetween(schedule, new Date(from), new Date(to), seed, 1_000).map((time) => time.toISOString());

  it('fall on the last day of short months and return to the 31st', () => {
    const schedule: RecurringSchedule = {
      recurrencePattern: 'monthly',
      anchorAt: '2024-01-31T09:00:00.000Z',
      timezone: 'UTC',
    };
    expect(datesOf(schedule, '2024-01-01T00:00:00Z', '2024-07-01T00:00:00Z').map((date) => date.slice(5, 10))).toEqual([
      '01-31',
      '02-29',
      '03-31',
      '04-30',
      '05-31',
      '06-30',
    ]);
  });

  it('keep their local time through the year, and begin with their anchor even in a second copy', () => {
    const schedule: RecurringSchedule = {
      recurrencePattern: 'daily',
      anchorAt: '2025-11-02T06:30:00.000Z',
      timezone: newYork,
    };
    expect(datesOf(schedule, '2025-11-01T00:00:00Z', '2025-11-04T00:00:00Z')).toEqual([
      '2025-11-02T06:30:00.000Z',
      '2025-11-03T06:30:00.000Z',
    ]);
    expect(datesOf(schedule, '2026-07-01T00:00:00Z', '2026-07-02T00:00:00Z')).toEqual(['2026-07-01T05:30:00.000Z']);
  });

  it('give a daily 02:30 in New York 365 times a year', () => {
    const schedule: RecurringSchedule = { cron: ['30 2 * * *'], timezone: newYork };
    expect(datesOf(schedule, '2025-01-01T05:00:00Z', '2026-01-01T05:00:00Z')).toHaveLength(365);
  });

  it('spread H over jobs, and keep it for one job', () => {
    const schedule: RecurringSchedule = { cron: ['H H * * *'], timezone: 'UTC' };
    const timeOf = (job: number) => datesOf(schedule, '2025-01-01T00:00:00Z', '2025-01-02T00:00:00Z', `job-${job}`)[0];
    const times = Array.from({ length: 200 }, (_, job) => timeOf(job));
    expect(new Set(times).size).toBeGreaterThan(150);
    expect(timeOf(7)).toBe(times[7]);
  });

  it('keep H within its range and step', () => {
    const schedule: RecurringSchedule = { cron: ['H(10-19)/5 * * * *'], timezone: 'UTC' };
    for (let job = 0; job < 20; job++) {
      const [first, second, third] = datesOf(
        schedule,
        '2025-01-01T00:00:00Z',
        '2025-01-01T02:00:00Z',
        `job-${job}`,
      ).map((date) => Number(date.slice(14, 16)));
      expect(first).toBeGreaterThanOrEqual(10);
      expect(second).toBe(first! + 5);
      expect(third).toBe(first);
    }
  });
});
