import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nextTime } from './next-time.js';
import { parseSchedule } from './parse-schedule.js';
import type { ParseScheduleOptions } from './parse-schedule.js';
import type { ScheduleInput } from './schedule-kind.js';

const now = new Date('2025-01-01T00:00:00Z');

function parse(input: ScheduleInput, options: Partial<ParseScheduleOptions> = {}) {
  return parseSchedule(input, { minIntervalMs: 1000, now, ...options });
}

function scheduleOf(input: ScheduleInput, options?: Partial<ParseScheduleOptions>) {
  const result = parse(input, options);
  if ('problems' in result) throw new Error(JSON.stringify(result.problems));
  return result.schedule;
}

function problemsOf(input: ScheduleInput, options?: Partial<ParseScheduleOptions>) {
  const result = parse(input, options);
  return 'problems' in result ? result.problems : [];
}

describe('what is stored', () => {
  it('is plain JSON with instants in UTC and defaults written out', () => {
    const schedule = scheduleOf({ recurrencePattern: 'monthly', scheduledAt: '2025-01-31T09:00:00+01:00' });
    expect(schedule).toEqual({ recurrencePattern: 'monthly', anchorAt: '2025-01-31T08:00:00.000Z', timezone: 'UTC' });
    expect(JSON.parse(JSON.stringify(schedule))).toEqual(schedule);
  });

  it.each([
    ['PT90S', 90_000],
    ['PT1.5S', 1_500],
    ['P1D', 86_400_000],
    ['P1W', 604_800_000],
    ['P1DT2H3M4S', 93_784_000],
  ])('reads every %s as elapsed time', (every, intervalMs) => {
    expect(scheduleOf({ every })).toEqual({ intervalMs, anchorAt: now.toISOString(), timezone: 'UTC' });
  });

  it('anchors at startsAt where nothing else says so', () => {
    expect(scheduleOf({ intervalMs: 5_000, startsAt: '2025-06-01T00:00:00Z' })).toMatchObject({
      anchorAt: '2025-06-01T00:00:00.000Z',
    });
  });

  it('begins cron lines at scheduledAt', () => {
    expect(scheduleOf({ cron: '0 9 * * *', scheduledAt: '2025-06-01T00:00:00Z' })).toEqual({
      cron: ['0 9 * * *'],
      startsAt: '2025-06-01T00:00:00.000Z',
      timezone: 'UTC',
    });
  });

  it('reads local times in the zone and dates once each', () => {
    const input = {
      cron: ['0 9 * * *'],
      timezone: 'Europe/Berlin',
      endsAt: '2025-07-01T12:00',
      excludeDates: ['2025-12-25', '2025-01-01', '2025-12-25'],
      dst: { gap: 'skip' },
      maxRuns: 3,
      jitterMs: 500,
    };
    expect(scheduleOf(input)).toEqual({
      ...input,
      endsAt: '2025-07-01T10:00:00.000Z',
      excludeDates: ['2025-01-01', '2025-12-25'],
      dst: { gap: 'skip', overlap: 'first' },
    });
  });

  it('names calendars by id and version', () => {
    const calendars = [{ id: 'c1', version: 3 }];
    expect(scheduleOf({ cron: '0 9 * * *', calendars: ['c1'] }, { calendars })).toMatchObject({ calendars });
    expect(problemsOf({ cron: '0 9 * * *', calendars: ['c1', 'c2'] }, { calendars })).toMatchObject([
      { pointer: '/calendars/1', code: 'calendar_unknown' },
    ]);
  });

  it('takes H for a job, which has an id', () => {
    expect(scheduleOf({ cron: 'H H(0-5) * * *' }, { seed: 'job' })).toMatchObject({ cron: ['H H(0-5) * * *'] });
    expect(problemsOf({ cron: 'H H * * *' })).toHaveLength(2);
  });
});

describe('what is refused', () => {
  it('is named all at once', () => {
    const problems = problemsOf({
      cron: ['60 25 * * *', 7],
      timezone: 'Europe/Berln',
      startsAt: '2026-01-01T00:00:00Z',
      endsAt: '2025-06-01T00:00:00Z',
      dst: { gap: 'previous', repeat: 'first' },
      excludeDates: ['2025-02-30'],
      jitterMs: -1,
      maxRuns: 0,
    });
    expect(problems.map(({ pointer, code }) => `${pointer} ${code}`).sort()).toEqual([
      '/cron/0 cron_syntax',
      '/cron/0 cron_syntax',
      '/cron/1 cron_syntax',
      '/dst/gap dst_option_unknown',
      '/dst/repeat dst_option_unknown',
      '/endsAt ends_before_start',
      '/excludeDates/0 date_invalid',
      '/jitterMs number_invalid',
      '/maxRuns number_invalid',
      '/timezone timezone_unknown',
    ]);
  });

  it.each([
    ['60 * * * *', 1, 'minute 60 is outside 0-59'],
    ['0 0 * JANUARY *', 7, '"JANUARY" is not understood'],
    ['0 0 * MON *', 7, '"MON" is not a month'],
    ['0 22-6 * * *', 3, 'the range 22-6 runs backwards'],
    ['1,, * * * *', 3, 'a value is missing'],
    ['1,2,60 * * * *', 5, 'minute 60 is outside 0-59'],
    ['  0  24 * * *', 6, 'hour 24 is outside 0-23'],
    ['*/60 * * * *', 1, 'a step of 60 is outside 1-59'],
    ['0 0 * * 5#6', 9, '"5#6" is not understood'],
    ['0 0 1,LW * *', 7, 'LW stands only alone'],
    ['0 0 ?,1 * *', 5, '"?" stands only alone'],
    ['0 0 * * *é', 10, 'only printable ASCII'],
    ['@every 5m', 1, 'is not a macro'],
    [' TZ=UTC 0 0 * * *', 2, 'a zone does not belong in the line'],
    ['0 9 * * MON-FRI Europe/Berlin', 17, 'a zone does not belong in the line'],
    ['0 0 9 * * MON-FRI utc', 19, 'a zone does not belong in the line'],
    ['1/120 * * * *', 1, 'a step of 120 is outside 1-59'],
    ['120 * * * *', 1, 'minute 120 is outside 0-59'],
    ['* * * *', 8, 'has 4 fields'],
  ])('%j: column %i, %s', (line, column, detail) => {
    const [problem] = problemsOf({ cron: [line] });
    expect(problem).toMatchObject({ pointer: '/cron/0', code: 'cron_syntax', column });
    expect(problem?.detail).toContain(detail);
  });

  it('comes with a suggestion that helps', () => {
    const suggestionOf = (input: ScheduleInput) => problemsOf(input)[0]?.suggestion;
    expect(suggestionOf({ cron: '0 22-6 * * *' })).toContain('22-23,0-6');
    expect(suggestionOf({ cron: '0 0 * * FRI-MON' })).toContain('FRI-SAT,SUN-MON');
    expect(suggestionOf({ cron: '@every 5m' })).toContain('every');
    expect(suggestionOf({ cron: '0 0 * * *', timezone: 'New_York' })).toBe('America/New_York');
    expect(suggestionOf({ cron: '0 0 * * *', timezone: 'Europe/Berln' })).toBe('Europe/Berlin');
    expect(suggestionOf({ cron: '0 0 * * *', timezone: '+02:00' })).toBe('Etc/GMT-2');
    expect(suggestionOf({ every: 'P1M' })).toContain('monthly');
    expect(suggestionOf({ every: 'P1Y' })).toContain('0 0 1 1 *');
  });

  it.each(['7-2', '7-0', '6-1', '5-0', 'FRI-MON', 'SAT-MON', '6-SUN', '7-SUN'])(
    'comes, for the range of week days %s where it is refused, with ranges that are not',
    (range) => {
      const [problem] = problemsOf({ cron: [`0 9 * * ${range}`] });
      const suggested = problem ? / ([\w,-]+)$/.exec(problem.suggestion ?? '')?.[1] : range;
      expect(problemsOf({ cron: [`0 9 * * ${suggested}`] })).toEqual([]);
    },
  );

  it.each([
    [{}, ['/recurrencePattern schedule_kind_missing']],
    [{ cron: '* * * * *', every: 'PT5S' }, ['/cron schedule_kind_conflict', '/every schedule_kind_conflict']],
    [{ recurrencePattern: 'yearly' }, ['/recurrencePattern recurrence_pattern_unknown']],
    [{ cron: [] }, ['/cron cron_syntax']],
    [{ cron: { line: '* * * * *' } }, ['/cron cron_syntax']],
    [{ cron: '0 9 * * *', anchorAt: '2025-01-01T00:00:00Z' }, ['/anchorAt not_applicable']],
    [
      { every: 'P1D', scheduledAt: '2025-02-01T00:00:00Z', endsAt: '2025-01-31T00:00:00Z' },
      ['/endsAt ends_before_start'],
    ],
    [{ intervalMs: 999 }, ['/intervalMs interval_too_short']],
    [{ intervalMs: 1500.5 }, ['/intervalMs number_invalid']],
    [{ intervalMs: '5000' }, ['/intervalMs number_invalid']],
    [{ intervalMs: Number.NaN }, ['/intervalMs number_invalid']],
    [{ every: 'PT0S' }, ['/every interval_too_short']],
    [{ every: 'PT' }, ['/every duration_syntax']],
    [{ every: 'P' }, ['/every duration_syntax']],
    [{ every: '5m' }, ['/every duration_syntax']],
    [{ every: 5 }, ['/every duration_syntax']],
    [{ every: 'PT5S', timezone: 7 }, ['/timezone timezone_unknown']],
    [{ every: 'PT5S', dst: 'skip' }, ['/dst dst_option_unknown']],
    [{ every: 'PT5S', dst: { __proto__: null, constructor: 'skip' } }, ['/dst/constructor dst_option_unknown']],
    [{ every: 'PT5S', startsAt: '2025-02-30T00:00:00Z' }, ['/startsAt time_invalid']],
    [{ every: 'PT5S', startsAt: '2025-02-03' }, ['/startsAt time_invalid']],
    [{ every: 'PT5S', startsAt: 5 }, ['/startsAt time_invalid']],
    [{ every: 'PT5S', excludeDates: '2025-01-01' }, ['/excludeDates date_invalid']],
    [{ every: 'PT5S', calendars: 'c1' }, ['/calendars calendar_unknown']],
  ])('%j', (input, expected) => {
    const problems = problemsOf(input);
    expect(problems.map(({ pointer, code }) => `${pointer} ${code}`)).toEqual(expected);
    expect(problems.every(({ kind }) => kind === 'invalid')).toBe(true);
  });

  it('is a local time that the rule leaves out', () => {
    const input = { every: 'P1D', anchorAt: '2025-03-09T02:30', timezone: 'America/New_York' };
    expect(scheduleOf(input)).toMatchObject({ anchorAt: '2025-03-09T07:00:00.000Z' });
    expect(parse(input)).toMatchObject({ resolved: [{ pointer: '/anchorAt', outcome: 'after_gap' }] });
    expect(problemsOf({ ...input, dst: { gap: 'skip' } })).toMatchObject([
      { pointer: '/anchorAt', code: 'time_missing' },
    ]);
  });

  it('is a line that comes closer than the minimum', () => {
    const minute = { minIntervalMs: 60_000 };
    expect(problemsOf({ cron: ['0 9 * * *', '30 0 9 * * *'] }, minute)).toMatchObject([
      { pointer: '/cron', code: 'interval_too_short' },
    ]);
    expect(problemsOf({ cron: '* * * * *' }, minute)).toEqual([]);
    expect(problemsOf({ recurrencePattern: 'hourly' }, { minIntervalMs: 3_600_001 })).toMatchObject([
      { pointer: '/recurrencePattern', code: 'interval_too_short' },
    ]);
  });
});

describe('anything at all', () => {
  const options = { minIntervalMs: 1000, now, seed: 'job' };
  const pieces = [
    '*',
    '?',
    'L',
    'W',
    'LW',
    'H',
    '#',
    '/',
    '-',
    ',',
    ' ',
    '0',
    '1',
    '5',
    '12',
    '31',
    'MON',
    'sun',
    'JAN',
    '@',
    '(',
  ];
  const line = fc.oneof(
    fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((parts) => parts.join('')),
    fc
      .array(fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 3 }), { minLength: 5, maxLength: 6 })
      .map((fields) => fields.map((parts) => parts.join('').replaceAll(' ', '')).join(' ')),
    fc.string(),
  );

  it('either parses and can be stepped, or is refused; nothing throws', () => {
    fc.assert(
      fc.property(line, (cron) => {
        const result = parseSchedule({ cron: [cron] }, options);
        if ('problems' in result) expect(result.problems.length).toBeGreaterThan(0);
        else expect(nextTime(result.schedule, now, 'job')).not.toBeNull();
      }),
      { numRuns: 3_000, examples: [['__proto__'], ['constructor']] },
    );
  });

  it('may stand in any field of a body', () => {
    const fields = ['cron', 'every', 'intervalMs', 'recurrencePattern', 'anchorAt', 'scheduledAt', 'timezone'] as const;
    const others = ['startsAt', 'endsAt', 'maxRuns', 'excludeDates', 'calendars', 'dst', 'jitterMs'] as const;
    const body = fc.dictionary(fc.constantFrom(...fields, ...others), fc.anything({ withNullPrototype: true }));
    fc.assert(
      fc.property(body, (input) => expect(parseSchedule(input, options)).toBeDefined()),
      { numRuns: 1_000 },
    );
  });
});

describe('what is impossible', () => {
  it('is told apart from what is invalid', () => {
    expect(problemsOf({ cron: ['0 9 * * *', '0 0 30 2 *'] })).toMatchObject([
      { pointer: '/cron/1', code: 'cron_never_fires', kind: 'impossible' },
    ]);
    expect(problemsOf({ cron: '0 0 31 4 *' })).toMatchObject([{ pointer: '/cron', code: 'cron_never_fires' }]);
  });

  it('is a schedule that is over, or over before its first time', () => {
    const over = [{ pointer: '/endsAt', code: 'schedule_never_fires', kind: 'impossible' }];
    expect(problemsOf({ cron: '0 9 * * *', endsAt: '2024-12-31T00:00:00Z' })).toMatchObject(over);
    expect(problemsOf({ cron: '0 0 29 2 *', endsAt: '2028-01-01T00:00:00Z' })).toMatchObject(over);
  });
});
