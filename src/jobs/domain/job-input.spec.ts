import { describe, expect, it } from '@jest/globals';
import { changed } from './job-input.js';
import type { JobInput } from './job-input.js';
import { keptAnchor } from '../../schedules/domain/index.js';

const anchorAt = '2026-01-31T09:00:00.000Z';
const base = { name: 'a', type: 'recurring' } as const;
const daily: JobInput = { ...base, recurrencePattern: 'daily', anchorAt };
const hourly: JobInput = { ...base, intervalMs: 3_600_000, anchorAt, startsAt: '2026-02-01T00:00:00.000Z' };

describe('changed', () => {
  it.each([
    ['the same pattern', daily, { recurrencePattern: 'daily' }],
    ['the same interval', hourly, { intervalMs: 3_600_000 }],
    ['the same interval as a duration', hourly, { every: 'PT60M' }],
    ['null for a kind that the job does not have', daily, { cron: null }],
  ])('keeps the anchor of %s', (_, current, change) => {
    expect(changed(current, change)).toMatchObject({ anchorAt });
  });

  it.each([
    ['another pattern', daily, { recurrencePattern: 'weekly' }],
    ['another interval', hourly, { every: 'PT2H' }],
    ['another kind', hourly, { recurrencePattern: 'hourly' }],
    ['cron lines', daily, { cron: '0 9 * * *' }],
    ['a new start', daily, { scheduledAt: '2030-01-01T00:00:00Z' }],
  ])('drops the anchor for %s', (_, current, change) => {
    expect(changed(current, change)).not.toHaveProperty('anchorAt');
  });

  it('replaces the other kinds of schedule, but keeps the kind when another is set to null', () => {
    expect(changed(daily, { every: 'PT6H' })).not.toHaveProperty('recurrencePattern');
    expect(changed(daily, { cron: null })).toMatchObject({ recurrencePattern: 'daily' });
  });

  it('drops startsAt for a new start, but not for the current one', () => {
    expect(changed(hourly, { scheduledAt: '2026-01-31T10:00:00+01:00' })).toHaveProperty('startsAt');
    expect(changed(hourly, { scheduledAt: '2030-01-01T00:00:00Z' })).not.toHaveProperty('startsAt');
  });
});

describe('keptAnchor', () => {
  it('is the current anchor when the step is the same and no field names another start', () => {
    expect(keptAnchor({ recurrencePattern: 'daily' }, daily)).toBe(anchorAt);
    expect(keptAnchor({ every: 'PT3600S', anchorAt: null }, hourly)).toBe(anchorAt);
  });

  it('is undefined in every other case', () => {
    for (const input of [
      { recurrencePattern: 'weekly' },
      { cron: '0 9 * * *' },
      { every: 'not a duration' },
      { recurrencePattern: 'daily', intervalMs: 1_000 },
      { recurrencePattern: 'daily', startsAt: '2030-01-01T00:00:00Z' },
      { recurrencePattern: 'daily', scheduledAt: '2030-01-01T00:00:00Z' },
      { recurrencePattern: 'daily', anchorAt: '2030-01-01T00:00:00Z' },
    ])
      expect(keptAnchor(input, daily)).toBeUndefined();
    expect(keptAnchor({ cron: '0 9 * * *' }, { cron: ['0 9 * * *'] })).toBeUndefined();
  });
});
