import type { ClockChangeRule } from '../../../src/schedules/domain/index.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** One minute of real time and what the wall clock shows in it, as ms as if that were UTC. */
export interface WalkedMinute {
  instant: number;
  civil: number;
}

/** Zones with every kind of clock change there is, and with none. */
export const ZONES = [
  'UTC',
  'America/New_York',
  'America/St_Johns',
  'America/Sao_Paulo',
  'America/Caracas',
  'America/Havana',
  'Europe/Berlin',
  'Europe/London',
  'Atlantic/Azores',
  'Africa/Casablanca',
  'Africa/Cairo',
  'Antarctica/Troll',
  'Asia/Beirut',
  'Asia/Kathmandu',
  'Asia/Pyongyang',
  'Asia/Tehran',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Chatham',
];

const clocks = new Map<string, (instant: number) => number>();

/** Reads the wall clock from Intl alone, one instant at a time; shares nothing with the code under test. */
export function wallClock(timezone: string): (instant: number) => number {
  let clock = clocks.get(timezone);
  if (!clock) {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
    clock = (instant) => {
      const [month, day, year, hour, minute] = format.format(instant).match(/\d+/g)!.map(Number);
      return Date.UTC(year!, month! - 1, day, hour, minute);
    };
    clocks.set(timezone, clock);
  }
  return clock;
}

/** The days between two years on which a zone's clock changes, as instants at most a day before the change. */
export function daysOfChange(timezone: string, fromYear: number, toYear: number): number[] {
  const clock = wallClock(timezone);
  const days: number[] = [];
  let shown = clock(Date.UTC(fromYear, 0));
  for (let instant = Date.UTC(fromYear, 0); instant < Date.UTC(toYear, 0); instant += DAY) {
    const next = clock(instant + DAY);
    if (next - shown !== DAY) days.push(instant);
    shown = next;
  }
  return days;
}

/** Every minute in `[from, to]`. */
export function walk(timezone: string, from: number, to: number): WalkedMinute[] {
  const clock = wallClock(timezone);
  const minutes: WalkedMinute[] = [];
  for (let instant = from; instant <= to; instant += MINUTE) minutes.push({ instant, civil: clock(instant) });
  return minutes;
}

/**
 * The adopted rule read off the minutes of a walk: a second copy is a local time already seen, a gap is a jump of the
 * clock between two minutes.
 */
export function timesOfWalk(
  minutes: WalkedMinute[],
  names: (civil: number) => boolean,
  fixedTime: boolean,
  dst: ClockChangeRule,
): number[] {
  const times: number[] = [];
  const seen = new Set<number>();
  let before: number | null = null;
  for (const { instant, civil } of minutes) {
    const suppressed = fixedTime && dst.overlap === 'first' && seen.has(civil);
    let named = names(civil) && !suppressed;
    if (before !== null && fixedTime && dst.gap === 'next_valid' && civil - before - MINUTE <= 3 * HOUR) {
      for (let missing = before + MINUTE; missing < civil; missing += MINUTE) named ||= names(missing);
    }
    if (named) times.push(instant);
    seen.add(civil);
    before = civil;
  }
  return times;
}
