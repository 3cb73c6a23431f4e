import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hourOf, mailRefusal, mailUse } from './mail-quota.js';
import type { MailHour } from './mail-quota.js';

const hourMs = 3_600_000;
const at = new Date('2026-03-04T10:20:00Z');
const hour = (hoursAgo: number, sent: number): MailHour => ({
  hour: new Date(hourOf(at).getTime() - hoursAgo * hourMs),
  sent,
});
const limits = { mailsPerHour: 10, mailsPerDay: 30 };

describe('mails of a user', () => {
  it('are counted by the clock hour and over 24 of them', () => {
    expect(mailUse([hour(0, 3), hour(1, 4), hour(23, 5), hour(24, 100)], at)).toEqual({ thisHour: 3, today: 12 });
  });

  it('may go out while both quotas hold', () => {
    expect(mailRefusal([], at, 10, limits)).toBeUndefined();
    expect(mailRefusal([hour(0, 9), hour(1, 20)], at, 1, limits)).toBeUndefined();
    expect(mailRefusal([hour(0, 9_999)], at, 9_999, { mailsPerHour: 0, mailsPerDay: 0 })).toBeUndefined();
  });

  it('wait for the next hour', () => {
    expect(mailRefusal([hour(0, 9)], at, 2, limits)).toEqual({
      ...{ quota: 'mailsPerHour', allowed: 10, used: 9, retryAfterMs: 40 * 60_000 },
    });
  });

  it('wait for as many hours of yesterday as hold what is too much', () => {
    const hours = [hour(23, 5), hour(20, 10), hour(3, 15)];
    expect(mailRefusal(hours, at, 5, limits)).toMatchObject({
      quota: 'mailsPerDay',
      used: 30,
      retryAfterMs: 2_400_000,
    });
    expect(mailRefusal(hours, at, 6, limits)).toMatchObject({ retryAfterMs: 2_400_000 + 3 * hourMs });
  });

  it('never go out when they are more than the quota', () => {
    expect(mailRefusal([], at, 11, limits)).toMatchObject({ quota: 'mailsPerHour', retryAfterMs: null });
    expect(mailRefusal([], at, 31, limits)).toMatchObject({ quota: 'mailsPerDay', retryAfterMs: null });
  });

  it('may go out once the wait that was named has passed, and not a millisecond earlier', () => {
    const counts = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 26 }), fc.integer({ min: 1, max: 15 })), {
      selector: ([hoursAgo]) => hoursAgo,
    });
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 12 }), (pairs, count) => {
        const hours = pairs.map(([hoursAgo, sent]) => hour(hoursAgo, sent));
        const first = mailRefusal(hours, at, count, limits);
        if (!first || first.retryAfterMs === null) return;
        expect(first.retryAfterMs).toBeGreaterThan(0);
        const then = new Date(at.getTime() + first.retryAfterMs);
        const after = mailRefusal(hours, then, count, limits);
        expect(after?.quota).not.toBe(first.quota);
        const before = mailRefusal(hours, new Date(then.getTime() - 1), count, limits);
        expect(before?.quota).toBe(first.quota);
      }),
    );
  });
});
