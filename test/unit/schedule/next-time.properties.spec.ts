import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  countBetween,
  describeTime,
  dueAt,
  latestTimes,
  nextTime,
  timesBetween,
} from '../../../src/schedules/domain/index.js';
import { cronLine } from './cron-arbitrary.js';
import { anySchedule, instant } from './schedule-arbitrary.js';

const DAY = 86_400_000;
const seed = fc.uuid();
const longAgo = new Date(0);

const shifted = (at: Date, ms: number): Date => new Date(at.getTime() + ms);

describe('nextTime', () => {
  it('rises strictly and stays within the bounds of the schedule', () => {
    fc.assert(
      fc.property(anySchedule, instant, seed, (schedule, from, id) => {
        let after = from;
        for (let step = 0; step < 10; step++) {
          const next = nextTime(schedule, after, id);
          if (!next) return;
          expect(next.getTime()).toBeGreaterThan(after.getTime());
          if (schedule.startsAt) expect(next.getTime()).toBeGreaterThanOrEqual(Date.parse(schedule.startsAt));
          if (schedule.endsAt) expect(next.getTime()).toBeLessThanOrEqual(Date.parse(schedule.endsAt));
          after = next;
        }
      }),
      { numRuns: 500 },
    );
  });

  it('gives one answer for every instant up to that answer', () => {
    fc.assert(
      fc.property(
        anySchedule,
        instant,
        seed,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (schedule, after, id, part) => {
          const next = nextTime(schedule, after, id);
          if (!next) return;
          const between = shifted(after, Math.floor((next.getTime() - after.getTime() - 1) * part));
          expect(nextTime(schedule, between, id)).toEqual(next);
          expect(nextTime(schedule, shifted(next, -1), id)).toEqual(next);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('names every time of a schedule that says it does', () => {
    fc.assert(
      fc.property(anySchedule, instant, seed, (schedule, after, id) => {
        const next = nextTime(schedule, after, id);
        if (!next) return;
        expect(describeTime(schedule, next, id).namedBy.length).toBeGreaterThan(0);
        if (next.getTime() - after.getTime() > 1) {
          expect(describeTime(schedule, shifted(next, -1), id).namedBy).toEqual([]);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('agrees with every second of two hours for lines with seconds', () => {
    const seconds = fc.constantFrom('*', '0', '59', '*/7', '5,10-14/2', '30/20');
    const meaning: Record<string, (second: number) => boolean> = {
      '*': () => true,
      '0': (second) => second === 0,
      '59': (second) => second === 59,
      '*/7': (second) => second % 7 === 0,
      '5,10-14/2': (second) => [5, 10, 12, 14].includes(second),
      '30/20': (second) => second === 30 || second === 50,
    };
    fc.assert(
      fc.property(seconds, cronLine, instant, (second, line, from) => {
        const expected: number[] = [];
        const start = Math.floor(from.getTime() / 1000) * 1000;
        for (let at = start + 1000; at <= start + 7_200_000; at += 1000) {
          if (meaning[second]!(new Date(at).getUTCSeconds()) && line.names(at)) expected.push(at);
        }
        const schedule = { cron: [`${second} ${line.text}`], timezone: 'UTC' };
        const times = timesBetween(schedule, new Date(start), new Date(start + 7_200_000), 'seed', Infinity);
        expect(times.map((time) => time.getTime())).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });

  it('finds the days that a walk from day to day finds, over eight years', () => {
    fc.assert(
      fc.property(cronLine, fc.integer({ min: 1990, max: 2110 }), (line, year) => {
        const atMidnight = line.text.replace(/^\S+ \S+/, '0 0');
        const expected: number[] = [];
        const [from, to] = [Date.UTC(year, 0), Date.UTC(year + 8, 0)];
        for (let at = from + DAY; at <= to; at += DAY) if (line.namesDay(at)) expected.push(at);
        const times = timesBetween(
          { cron: [atMidnight], timezone: 'UTC' },
          new Date(from),
          new Date(to),
          'seed',
          Infinity,
        );
        expect(times.map((time) => time.getTime())).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });

  it('is the anchor plus whole intervals of elapsed time, whatever the clocks do', () => {
    fc.assert(
      fc.property(instant, instant, fc.integer({ min: 1, max: 90 * DAY }), (anchor, after, intervalMs) => {
        const schedule = { intervalMs, anchorAt: anchor.toISOString(), timezone: 'Europe/Berlin' };
        const next = nextTime(schedule, after, 'seed')!.getTime();
        expect((next - anchor.getTime()) % intervalMs).toBe(0);
        expect(next).toBe(after < anchor ? anchor.getTime() : Math.min(next, after.getTime() + intervalMs));
      }),
    );
  });
});

describe('windows', () => {
  const window = fc
    .tuple(anySchedule, instant, fc.nat(40 * DAY), fc.nat(40 * DAY), seed)
    .map(([schedule, from, first, second, id]) => {
      const middle = shifted(from, first);
      return { schedule, from, middle, to: shifted(middle, second), id };
    });

  it('add up', () => {
    fc.assert(
      fc.property(window, ({ schedule, from, middle, to, id }) => {
        const [limit, capped] = [2_000, timesBetween(schedule, from, middle, id, 2_000)];
        fc.pre(capped.length < limit);
        const whole = timesBetween(schedule, from, to, id, limit);
        const parts = [...capped, ...timesBetween(schedule, middle, to, id, limit)].slice(0, limit);
        expect(parts).toEqual(whole);
      }),
      { numRuns: 200 },
    );
  });

  it('are counted and read from their end as they are listed', () => {
    fc.assert(
      fc.property(window, fc.nat(5), ({ schedule, from, to, id }, limit) => {
        const end = shifted(from, Math.min(to.getTime() - from.getTime(), DAY));
        const times = timesBetween(schedule, from, end, id, Infinity);
        expect(countBetween(schedule, from, end, id)).toBe(times.length);
        expect(countBetween(schedule, from, end, id, 3)).toBe(Math.min(3, times.length));
        expect(latestTimes(schedule, from, end, id, limit)).toEqual(limit === 0 ? [] : times.slice(-limit));
      }),
      { numRuns: 100 },
    );
  });
});

describe('dueAt', () => {
  it('lies within the jitter, never reaches the next nominal time and never moves', () => {
    fc.assert(
      fc.property(anySchedule, instant, seed, (schedule, after, id) => {
        const nominalAt = nextTime(schedule, after, id);
        if (!nominalAt) return;
        const next = nextTime(schedule, nominalAt, id);
        const due = dueAt(schedule, nominalAt, next, id);
        expect(due.getTime()).toBeGreaterThanOrEqual(nominalAt.getTime());
        expect(due.getTime()).toBeLessThanOrEqual(nominalAt.getTime() + (schedule.jitterMs ?? 0));
        if (next) expect(due.getTime()).toBeLessThan(next.getTime());
        expect(dueAt(schedule, nominalAt, next, id)).toEqual(due);
      }),
      { numRuns: 500 },
    );
  });

  it('fills the room before the next nominal time and no more', () => {
    const schedule = { intervalMs: 3, anchorAt: longAgo.toISOString(), timezone: 'UTC', jitterMs: 600_000 };
    const offsets = new Set<number>();
    for (let at = 0; at < 300; at += 3) {
      const due = dueAt(schedule, new Date(at), nextTime(schedule, new Date(at), 'job'), 'job');
      offsets.add(due.getTime() - at);
    }
    expect([...offsets].sort()).toEqual([0, 1, 2]);
  });

  it('spreads the jobs of one nominal time', () => {
    const schedule = { cron: ['0 0 * * *'], timezone: 'UTC', jitterMs: 9_999 };
    const buckets = new Array<number>(10).fill(0);
    for (let job = 0; job < 1_000; job++)
      buckets[Math.floor(dueAt(schedule, longAgo, null, `job-${job}`).getTime() / 1000)]!++;
    for (const size of buckets) expect(size).toBeGreaterThan(60);
  });
});
