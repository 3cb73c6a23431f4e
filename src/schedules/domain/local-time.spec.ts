import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatCivil, formatLocalTime, parseLocalDateTime, resolveLocalTime } from './local-time.js';
import { zoneNamed } from './zone.js';

const skip = { gap: 'skip', overlap: 'both' } as const;

describe('resolveLocalTime', () => {
  it('takes the one instant of a time that exists once', () => {
    expect(resolveLocalTime('2025-07-01T09:00', 'Europe/Berlin')).toEqual({
      at: new Date('2025-07-01T07:00:00Z'),
      outcome: 'exact',
      otherAt: null,
      localTime: '2025-07-01T09:00:00+02:00',
    });
  });

  it('moves a time that does not exist to the first instant after the gap, unless that is to be skipped', () => {
    expect(resolveLocalTime('2025-03-09T02:30:00', 'America/New_York')).toEqual({
      at: new Date('2025-03-09T07:00:00Z'),
      outcome: 'after_gap',
      otherAt: null,
      localTime: '2025-03-09T03:00:00-04:00',
    });
    expect(resolveLocalTime('2025-03-09T02:30:00', 'America/New_York', skip)).toMatchObject({
      at: null,
      outcome: 'missing',
    });
  });

  it('takes the first of two and shows the other', () => {
    expect(resolveLocalTime('2025-11-02T01:30:00', 'America/New_York', skip)).toEqual({
      at: new Date('2025-11-02T05:30:00Z'),
      outcome: 'first_copy',
      otherAt: new Date('2025-11-02T06:30:00Z'),
      localTime: '2025-11-02T01:30:00-04:00',
    });
  });

  it('makes nothing up for a whole day that is missing', () => {
    expect(resolveLocalTime('2011-12-30T12:00', 'Pacific/Apia')).toMatchObject({ at: null, outcome: 'missing' });
  });

  it.each(['2025-03-09', '2025-02-29T00:00', '2025-01-01T24:00', '2025-01-01T00:00Z', '25-01-01T00:00', ''])(
    'does not take %j for a local time',
    (text) => expect(resolveLocalTime(text, 'UTC')).toBeNull(),
  );

  it('gives back what formatLocalTime shows, for any instant and zone', () => {
    const zones = fc.constantFrom('America/St_Johns', 'Australia/Lord_Howe', 'Pacific/Chatham', 'Pacific/Apia', 'UTC');
    const instants = fc.integer({ min: Date.UTC(1990, 0), max: Date.UTC(2040, 0) });
    fc.assert(
      fc.property(zones, instants, (timezone, instant) => {
        const shown = formatLocalTime(instant, zoneNamed(timezone));
        expect(Date.parse(shown)).toBe(instant);
        const resolved = resolveLocalTime(shown.replace(/[+-]\d\d:\d\d$/, ''), timezone)!;
        expect([resolved.at?.getTime(), resolved.otherAt?.getTime()]).toContain(instant);
      }),
      { numRuns: 2_000 },
    );
  });

  it('reads ms and leaves them out where there are none', () => {
    expect(formatCivil(parseLocalDateTime('2025-01-02T03:04:05.6')!)).toBe('2025-01-02T03:04:05.600');
    expect(formatCivil(parseLocalDateTime('2025-01-02T03:04')!)).toBe('2025-01-02T03:04:00');
  });
});
