import type { CalendarVersion } from './blackout-calendar.js';
import { parseLocalDate, parseLocalDateTime, resolveLocalTime } from './local-time.js';
import type { ResolvedLocalTime } from './local-time.js';
import type { ScheduleProblems } from './schedule-problem.js';
import type { ClockChangeRule } from './schedule.js';
import { ADOPTED_CLOCK_CHANGE_RULE, GAP_RULES, OVERLAP_RULES } from './schedule.js';
import { HOUR, MINUTE } from './time-units.js';
import { suggestZone } from './zone-suggestion.js';
import { isKnownZone } from './zone.js';

const MOST_DATES = 1_000;
const MOST_CALENDARS = 20;
const OFFSET = /(?:[Zz]|([+-])(\d\d):(\d\d))$/;

export const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null;

/** Returns UTC where the zone is unknown, so that the other fields can still be read. */
export function readTimezone(value: unknown, problems: ScheduleProblems): string {
  if (isAbsent(value)) return 'UTC';
  if (typeof value === 'string' && isKnownZone(value)) return value;
  const shown = typeof value === 'string' ? value : '';
  const detail =
    shown === '' ? 'a time zone must be an IANA name' : `${JSON.stringify(shown)} is not an IANA time zone`;
  problems.invalid('/timezone', 'timezone_unknown', detail, { suggestion: suggestZone(shown) });
  return 'UTC';
}

export function readClockChangeRule(value: unknown, problems: ScheduleProblems): ClockChangeRule | undefined {
  if (isAbsent(value)) return undefined;
  if (typeof value !== 'object' || Array.isArray(value)) {
    problems.invalid('/dst', 'dst_option_unknown', 'dst must be an object', { suggestion: '{ "gap": "skip" }' });
    return undefined;
  }
  const rule: Record<string, string> = { ...ADOPTED_CLOCK_CHANGE_RULE };
  const options: Record<string, readonly string[]> = { gap: GAP_RULES, overlap: OVERLAP_RULES };
  for (const [key, chosen] of Object.entries(value)) {
    if (isAbsent(chosen)) continue;
    const known = Object.hasOwn(options, key) ? options[key] : undefined;
    if (known && typeof chosen === 'string' && known.includes(chosen)) rule[key] = chosen;
    else {
      const detail = known ? `${key} must be ${known.join(' or ')}` : 'dst knows gap and overlap';
      problems.invalid(`/dst/${pointerToken(key)}`, 'dst_option_unknown', detail, { suggestion: known?.[0] });
    }
  }
  return rule as unknown as ClockChangeRule;
}

/** A field that was given as local time, and what became of it. */
export interface ResolvedField extends ResolvedLocalTime {
  pointer: string;
}

export interface LocalTimeReading {
  timezone: string;
  dst: ClockChangeRule | undefined;
  /** Collects what became of local times, for the answer to show. */
  resolved: ResolvedField[];
}

/**
 * An RFC 3339 instant, or a local date-time that is read in the zone by the clock-change rule. Returns null when there
 * is none, and when it was refused.
 */
export function readInstant(
  value: unknown,
  pointer: string,
  reading: LocalTimeReading,
  problems: ScheduleProblems,
): Date | null {
  if (isAbsent(value)) return null;
  const text = typeof value === 'string' ? value : '';
  const instant = parseInstant(text);
  if (instant) return instant;
  const local = resolveLocalTime(text, reading.timezone, reading.dst);
  if (local) reading.resolved.push({ pointer, ...local });
  if (local?.at) return local.at;
  if (local) {
    const detail = `${text} does not exist in ${reading.timezone}: the clocks jump over it`;
    problems.invalid(pointer, 'time_missing', detail, { suggestion: 'another time, or dst.gap "next_valid"' });
  } else {
    const detail = 'must be an RFC 3339 time such as 2030-01-31T09:00:00Z, or a local one without offset';
    problems.invalid(pointer, 'time_invalid', detail, { suggestion: '2030-01-31T09:00:00Z' });
  }
  return null;
}

/** RFC 3339 with an offset; null for anything else. */
export function parseInstant(text: string): Date | null {
  const match = OFFSET.exec(text);
  const civil = match && parseLocalDateTime(text.slice(0, match.index));
  if (!match || civil === null) return null;
  const [hours, minutes] = [Number(match[2] ?? 0), Number(match[3] ?? 0)];
  if (hours > 23 || minutes > 59) return null;
  const offset = (hours * HOUR + minutes * MINUTE) * (match[1] === '-' ? -1 : 1);
  return new Date(civil - offset);
}

export function readWholeNumber(
  value: unknown,
  pointer: string,
  range: { min: number; max: number },
  problems: ScheduleProblems,
): number | undefined {
  if (isAbsent(value)) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= range.min && value <= range.max) return value;
  problems.invalid(pointer, 'number_invalid', `must be a whole number from ${range.min} to ${range.max}`);
  return undefined;
}

export function readDates(value: unknown, pointer: string, problems: ScheduleProblems): string[] | undefined {
  if (isAbsent(value)) return undefined;
  if (!Array.isArray(value) || value.length > MOST_DATES) {
    problems.invalid(pointer, 'date_invalid', `must be a list of at most ${MOST_DATES} dates`);
    return undefined;
  }
  const dates = new Set<string>();
  value.forEach((date: unknown, index) => {
    if (typeof date === 'string' && parseLocalDate(date) !== null) dates.add(date);
    else {
      const detail = 'must be a date of the calendar, YYYY-MM-DD';
      problems.invalid(`${pointer}/${index}`, 'date_invalid', detail, { suggestion: '2030-12-25' });
    }
  });
  return [...dates].sort();
}

/** Calendars are named by id; the version that comes into force for the job comes from `known`. */
export function readCalendars(
  value: unknown,
  known: readonly CalendarVersion[],
  problems: ScheduleProblems,
): CalendarVersion[] | undefined {
  if (isAbsent(value)) return undefined;
  if (!Array.isArray(value) || value.length > MOST_CALENDARS) {
    problems.invalid('/calendars', 'calendar_unknown', `must be a list of at most ${MOST_CALENDARS} calendar ids`);
    return undefined;
  }
  return value.flatMap((id: unknown, index) => {
    const calendar = known.find((candidate) => candidate.id === id);
    if (!calendar) problems.invalid(`/calendars/${index}`, 'calendar_unknown', 'there is no calendar of this id');
    return calendar ?? [];
  });
}

/** A key as one token of a JSON pointer. Source: RFC 6901. */
function pointerToken(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
