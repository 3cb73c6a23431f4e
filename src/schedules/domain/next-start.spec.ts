import { describe, expect, it } from '@jest/globals';
import { MOST_PASSED_OVER, nextStart } from './next-start.js';
import { nextTime, timesBetween } from './next-time.js';
import type { ResolvedSchedule } from './schedule.js';
import { suppressedBy } from './suppression.js';

const daysFrom = (first: string, count: number): string[] =>
  Array.from({ length: count }, (_, day) => new Date(Date.parse(first) + day * 86_400_000).toISOString().slice(0, 10));
const startOf = (schedule: ResolvedSchedule, after: string): string | null => {
  const named = nextTime(schedule, new Date(after), 'job');
  return named && (nextStart(schedule, named, 'job')?.toISOString() ?? null);
};

describe('the next time that starts', () => {
  const daily: ResolvedSchedule = { cron: ['30 2 * * *'], timezone: 'UTC' };

  it('is the next that is named where no day is left out', () => {
    expect(startOf(daily, '2030-01-01T00:00:00Z')).toBe('2030-01-01T02:30:00.000Z');
  });

  it('comes after all days that the job and its calendars leave out', () => {
    const calendars = [{ id: 'c', name: 'Holidays', version: 1, days: ['2030-01-02', '2030-01-04'] }];
    const schedule = { ...daily, excludeDates: ['2030-01-01', '2030-01-03'], calendars };
    expect(startOf(schedule, '2030-01-01T00:00:00Z')).toBe('2030-01-05T02:30:00.000Z');
  });

  it('is none where all that is named until the end is left out', () => {
    const schedule = { ...daily, excludeDates: ['2030-01-01', '2030-01-02'], endsAt: '2030-01-02T23:00:00.000Z' };
    expect(startOf(schedule, '2030-01-01T00:00:00Z')).toBeNull();
  });

  it.each([
    ['UTC', '2030-03-10'],
    ['America/New_York', '2030-03-10'],
    ['America/New_York', '2030-11-03'],
    ['America/Havana', '2030-03-10'],
    ['America/Havana', '2030-11-03'],
    ['Pacific/Apia', '2011-12-29'],
    ['Australia/Lord_Howe', '2030-04-07'],
  ])('is the one that a walk finds, in %s around %s', (timezone, date) => {
    const from = new Date(Date.parse(date) - 3 * 86_400_000);
    for (const cron of ['*/20 * * * *', '0 0,23 * * *'])
      for (const excludeDates of [[date], daysFrom(date, 2), daysFrom(new Date(from).toISOString().slice(0, 10), 5)]) {
        const schedule = { cron: [cron], timezone, excludeDates };
        const named = timesBetween(schedule, from, new Date(from.getTime() + 8 * 86_400_000), 'job', 1_000);
        const starts = named.filter((time) => suppressedBy(schedule, time) === null);
        const found = named.map((time) => nextStart(schedule, time, 'job')!.getTime());
        const walked = named.map((time) => starts.find((start) => start >= time)?.getTime());
        expect(found.slice(0, -200)).toEqual(walked.slice(0, -200));
      }
  });

  it('passes over a day in one step, and over a bounded number of days', () => {
    const everySecond = { cron: ['* * * * * *'], timezone: 'Europe/Berlin' };
    const many = { ...everySecond, excludeDates: daysFrom('2030-01-01', MOST_PASSED_OVER - 10) };
    expect(startOf(many, '2030-01-01T12:00:00Z')).toBe('2032-09-16T22:00:00.000Z');
    const more = { ...everySecond, excludeDates: daysFrom('2030-01-01', MOST_PASSED_OVER + 10) };
    expect(startOf(more, '2030-01-01T12:00:00Z')).toBeNull();
  });
});
