import type { ClockChangeRule } from './schedule.js';
import { ADOPTED_CLOCK_CHANGE_RULE } from './schedule.js';
import { DAY, HOUR, MINUTE, SECOND } from './time-units.js';
import { LARGEST_CLOCK_CHANGE, zoneNamed } from './zone.js';
import type { Zone, ZoneSegment } from './zone.js';

const LOCAL_DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const LOCAL_DATE_TIME = /^(\d{4}-\d\d-\d\d)[Tt](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3})\d*)?)?$/;
const WIDEST_OFFSET = 26 * HOUR;

/**
 * What became of a local date-time. `exact`: it exists once. `first_copy`: it exists twice, `otherAt` is the second.
 * `after_gap`: it does not exist and became the first instant after the gap. `missing`: it does not exist and, by the
 * rule or because a whole day is missing, nothing takes its place; only then `at` is null.
 */
export interface ResolvedLocalTime {
  at: Date | null;
  outcome: 'exact' | 'first_copy' | 'after_gap' | 'missing';
  otherAt: Date | null;
  /** As `at` reads in the zone, with its offset. */
  localTime: string | null;
}

/**
 * Reads `YYYY-MM-DDTHH:mm[:ss[.SSS]]` in a zone. One instant is wanted, so a time that exists twice is its first copy
 * under either overlap rule. Returns null when the text is no such date-time.
 */
export function resolveLocalTime(
  text: string,
  timezone: string,
  dst: ClockChangeRule = ADOPTED_CLOCK_CHANGE_RULE,
): ResolvedLocalTime | null {
  const civil = parseLocalDateTime(text);
  if (civil === null) return null;
  const zone = zoneNamed(timezone);
  const [first, second] = instantsOf(civil, zone);
  if (first !== undefined) {
    const outcome = second === undefined ? 'exact' : 'first_copy';
    const otherAt = second === undefined ? null : new Date(second);
    return { at: new Date(first), outcome, otherAt, localTime: formatLocalTime(first, zone) };
  }
  const gap = segmentAfterGap(civil, zone);
  if (!gap || dst.gap === 'skip' || gap.shift > LARGEST_CLOCK_CHANGE) {
    return { at: null, outcome: 'missing', otherAt: null, localTime: null };
  }
  return { at: new Date(gap.start), outcome: 'after_gap', otherAt: null, localTime: formatLocalTime(gap.start, zone) };
}

function instantsOf(civil: number, zone: Zone): number[] {
  return segmentsAround(civil, zone)
    .map(({ start, end, offset }) => ({ start, end, instant: civil - offset }))
    .filter(({ start, end, instant }) => start <= instant && instant < end)
    .map(({ instant }) => instant);
}

function segmentAfterGap(civil: number, zone: Zone): ZoneSegment | undefined {
  return segmentsAround(civil, zone).find(
    ({ start, offset, shift }) => start + offset - shift <= civil && civil < start + offset,
  );
}

function segmentsAround(civil: number, zone: Zone): ZoneSegment[] {
  const segments: ZoneSegment[] = [];
  let instant = civil - WIDEST_OFFSET;
  while (instant <= civil + WIDEST_OFFSET) {
    const segment = zone.segmentAt(instant);
    // A long segment comes in several pieces; only the first one begins with a clock change.
    segments.push({
      ...segment,
      start: Math.max(segment.start, instant),
      shift: segment.start >= instant ? segment.shift : 0,
    });
    instant = segment.end;
  }
  return segments;
}

/** Civil ms, or null for text that is no local date-time. */
export function parseLocalDateTime(text: string): number | null {
  const match = LOCAL_DATE_TIME.exec(text);
  const day = match && parseLocalDate(match[1]!);
  if (!match || day === null) return null;
  const [hour, minute, second] = [Number(match[2]), Number(match[3]), Number(match[4] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59) return null;
  return day + hour * HOUR + minute * MINUTE + second * SECOND + Number((match[5] ?? '0').padEnd(3, '0'));
}

/** Civil ms of midnight, or null for text that is no date of the calendar. */
export function parseLocalDate(text: string): number | null {
  const match = LOCAL_DATE.exec(text);
  if (!match) return null;
  const midnight = Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
  return new Date(midnight).toISOString().startsWith(text) ? midnight : null;
}

/** `2025-03-09T03:00:00-04:00`; ms and seconds of the offset only where there are any. */
export function formatLocalTime(instant: number, zone: Zone): string {
  const offset = zone.offsetAt(instant);
  return formatCivil(instant + offset) + formatOffset(offset);
}

export function formatCivil(civil: number): string {
  return new Date(civil).toISOString().replace(/(\.000)?Z$/, '');
}

/** `+05:45`, `-04:00`. */
export function formatOffset(offset: number): string {
  const size = new Date(Math.abs(offset)).toISOString();
  return (offset < 0 ? '-' : '+') + (offset % MINUTE === 0 ? size.slice(11, 16) : size.slice(11, 19));
}

export function localDateOf(instant: number, zone: Zone): string {
  return dateOf(Math.floor((instant + zone.offsetAt(instant)) / DAY));
}

/** Of the day that was asked for last: accounts go through the times of a day one after the other. */
let [lastDay, lastDate] = [0, '1970-01-01'];

function dateOf(day: number): string {
  if (day !== lastDay) [lastDay, lastDate] = [day, new Date(day * DAY).toISOString().slice(0, 10)];
  return lastDate;
}
