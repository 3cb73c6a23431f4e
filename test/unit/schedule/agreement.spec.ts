import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { GAP_RULES, OVERLAP_RULES, timesBetween } from '../../../src/schedules/domain/index.js';
import type { RecurringSchedule } from '../../../src/schedules/domain/index.js';
import { cronLine } from './cron-arbitrary.js';
import type { WalkedMinute } from './minute-walk.js';
import { ZONES, daysOfChange, timesOfWalk, walk } from './minute-walk.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const walks = new Map<string, WalkedMinute[]>();

/** From a day before a clock change to a day after it, or three days of 2025 where a zone has none. */
const walkedZone = fc.constantFrom(...ZONES).chain((timezone) => {
  const days = daysOfChange(timezone, 2005, 2031);
  return fc.constantFrom(...(days.length > 0 ? days : [Date.UTC(2025, 1, 27)])).map((day) => {
    const key = `${timezone} ${day}`;
    const minutes = walks.get(key) ?? walk(timezone, day - DAY, day + 2 * DAY);
    walks.set(key, minutes);
    return { timezone, minutes, toString: () => `${timezone} around ${new Date(day).toISOString()}` };
  });
});

const rule = fc.record({ gap: fc.constantFrom(...GAP_RULES), overlap: fc.constantFrom(...OVERLAP_RULES) });

/** The first walked minute only sets the scene: whether it is a jump cannot be seen from inside the walk. */
function timesOf(schedule: RecurringSchedule, minutes: WalkedMinute[]): string[] {
  const [first, last] = [minutes[0]!.instant, minutes.at(-1)!.instant];
  return timesBetween(schedule, new Date(first), new Date(last), 'seed', Infinity).map((time) => time.toISOString());
}

function expectedOf(
  minutes: WalkedMinute[],
  ...named: Parameters<typeof timesOfWalk> extends [unknown, ...infer R] ? R : never
) {
  return timesOfWalk(minutes, ...named)
    .filter((instant) => instant > minutes[0]!.instant)
    .map((instant) => new Date(instant).toISOString());
}

describe('agreement with a walk from minute to minute', () => {
  it('holds for cron lines around every kind of clock change, under each rule', () => {
    fc.assert(
      fc.property(walkedZone, cronLine, rule, ({ timezone, minutes }, line, dst) => {
        const schedule = { cron: [line.text], timezone, dst };
        expect(timesOf(schedule, minutes)).toEqual(expectedOf(minutes, line.names, line.fixedTime, dst));
      }),
      { numRuns: 200 },
    );
  });

  it('holds for patterns that step by the calendar', () => {
    const pattern = fc.constantFrom('hourly' as const, 'daily' as const, 'weekly' as const, 'monthly' as const);
    fc.assert(
      fc.property(walkedZone, pattern, fc.nat(3 * 1440), rule, ({ timezone, minutes }, recurrencePattern, at, dst) => {
        const anchor = minutes[at]!;
        const anchorAt = new Date(anchor.instant - 56 * DAY).toISOString();
        const shown = walk(timezone, Date.parse(anchorAt), Date.parse(anchorAt))[0]!.civil;
        const steps = { hourly: 60 * MINUTE, daily: DAY, weekly: 7 * DAY };
        const names = (civil: number): boolean => {
          if (recurrencePattern !== 'monthly') return (civil - shown) % steps[recurrencePattern] === 0;
          const [day, wanted] = [new Date(civil).getUTCDate(), new Date(shown).getUTCDate()];
          const isLast = new Date(civil + DAY).getUTCDate() === 1;
          return (civil - shown) % DAY === 0 && (day === wanted || (isLast && day < wanted));
        };
        const schedule = { recurrencePattern, anchorAt, timezone, dst };
        expect(timesOf(schedule, minutes)).toEqual(expectedOf(minutes, names, recurrencePattern !== 'hourly', dst));
      }),
      { numRuns: 100 },
    );
  });
});
