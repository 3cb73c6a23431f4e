import { describe, expect, it } from '@jest/globals';
import { movedTimes } from './moved-times.js';
import type { RecurringSchedule } from '../../schedules/domain/index.js';

const now = new Date('2026-11-29T22:16:41.000Z');
const recurring = (schedule: object) => ({
  id: 'a',
  scheduledAt: null,
  schedule: { timezone: 'UTC', ...schedule } as RecurringSchedule,
});
const once = (at: string) => ({ id: 'a', scheduledAt: new Date(at), schedule: null });
const monthly = { recurrencePattern: 'monthly', anchorAt: '2026-01-31T09:00:00.000Z' };

describe('movedTimes', () => {
  it('is null when the nominal times are the same', () => {
    expect(movedTimes(recurring(monthly), recurring({ ...monthly }), now)).toBeNull();
    expect(movedTimes(recurring(monthly), recurring({ ...monthly, maxRuns: 2 }), now)).toBeNull();
    expect(movedTimes(once('2030-01-01T00:00:00Z'), once('2030-01-01T00:00:00Z'), now)).toBeNull();
  });

  it('names the next time before and after, and says that times are counted from the change', () => {
    const daily = { recurrencePattern: 'daily', anchorAt: now.toISOString() };
    expect(movedTimes(recurring(monthly), recurring(daily), now)).toBe(
      'The next time was 2026-11-30T09:00:00.000Z and is now 2026-11-30T22:16:41.000Z. Times are counted from the change; anchorAt counts them from another.',
    );
    expect(movedTimes(recurring(monthly), recurring({ cron: ['0 8 30 11 *'] }), now)).toBe(
      'The next time was 2026-11-30T09:00:00.000Z and is now 2026-11-30T08:00:00.000Z.',
    );
  });

  it('describes a change of later times only, and a schedule without a next time', () => {
    expect(movedTimes(recurring(monthly), recurring({ cron: ['0 9 30 * *'] }), now)).toBe(
      'The next time is 2026-11-30T09:00:00.000Z as before; those behind it are of the new schedule.',
    );
    expect(movedTimes(recurring(monthly), recurring({ ...monthly, endsAt: '2026-11-01T00:00:00Z' }), now)).toBe(
      'The next time was 2026-11-30T09:00:00.000Z and is now none.',
    );
  });

  it('describes the new time of a one-time job', () => {
    expect(movedTimes(once('2030-01-01T00:00:00Z'), once('2031-01-01T00:00:00Z'), now)).toBe(
      'Its time was 2030-01-01T00:00:00.000Z and is now 2031-01-01T00:00:00.000Z.',
    );
    expect(movedTimes(once('2030-01-01T00:00:00Z'), once('2020-01-01T00:00:00Z'), now)).toBe(
      'Its time was 2030-01-01T00:00:00.000Z and is now 2020-01-01T00:00:00.000Z. That had passed already, so it is due at once.',
    );
  });
});
