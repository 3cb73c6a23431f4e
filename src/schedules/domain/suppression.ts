import type { BlackoutCalendar, CalendarVersion } from './blackout-calendar.js';
import { localDateOf } from './local-time.js';
import type { RecurringSchedule, ResolvedSchedule } from './schedule.js';
import { zoneNamed } from './zone.js';

/** Why a nominal time does not run: its run ends as `skipped` with this as the reason. */
export interface Suppression {
  /** As the schedule's zone names the day of the nominal time. */
  localDate: string;
  /** Absent when the job's own `excludeDates` name the day. */
  calendar?: { id: string; name: string };
  reason: string;
}

/** What keeps a nominal time from running; null when nothing does. The job's own dates are named first. */
export function suppressedBy(schedule: ResolvedSchedule, nominalAt: Date): Suppression | null {
  const { excludeDates = [], calendars = [], timezone } = schedule;
  if (excludeDates.length === 0 && calendars.length === 0) return null;
  const localDate = localDateOf(nominalAt.getTime(), zoneNamed(timezone));
  if (holds(excludeDates, localDate)) return { localDate, reason: `${localDate} is excluded by the job` };
  const calendar = calendars.find(({ days }) => holds(days, localDate));
  if (!calendar) return null;
  const { id, name } = calendar;
  return { localDate, calendar: { id, name }, reason: `${localDate} is a blackout day of the calendar "${name}"` };
}

/** Looks up what a version of a calendar holds; undefined where there is none. */
export type CalendarLookup = (version: CalendarVersion) => BlackoutCalendar | undefined;

/** @throws Error when a calendar that the schedule names is not there */
export function resolveCalendars(schedule: RecurringSchedule, lookUp: CalendarLookup): ResolvedSchedule {
  const { calendars, ...rest } = schedule;
  if (!calendars) return rest;
  return {
    ...rest,
    calendars: calendars.map((named) => {
      const found = lookUp(named);
      if (!found) throw new Error(`version ${named.version} of the calendar ${named.id} is not there`);
      return found;
    }),
  };
}

/** Of sorted dates: there may be 41,000 of them, and an account asks for each of its times. */
function holds(dates: readonly string[], date: string): boolean {
  let [low, high] = [0, dates.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (dates[middle]! < date) low = middle + 1;
    else high = middle;
  }
  return dates[low] === date;
}
