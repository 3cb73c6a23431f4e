import type { Listed } from '../../kernel/listed.js';

/** Most blackout days that one calendar holds. */
export const maxCalendarDays = 2_000;

/** A user's named list of local dates on which nothing runs, shared by their jobs. */
export interface Calendar {
  id: string;
  userId: string;
  /** Unique among the user's calendars. */
  name: string;
  /** `YYYY-MM-DD`, sorted, each once; every job reads them in its own zone. */
  days: string[];
  /** Rises by one with each change. */
  version: number;
  /** Whether there may be unfinished jobs that use it and have not got this version yet. */
  changing: boolean;
  createdAt: Date;
  updatedAt: Date;
}

/** A calendar as people see it: with how far its latest change has come. */
export interface CalendarView extends Calendar {
  /** Unfinished jobs that use it and have not got this version yet. */
  jobsWaiting: number;
}

/** A calendar in a list: with as many of its days as a list shows. */
export type ListedCalendar = Listed<Calendar>;

/** Days of a calendar that a list shows: 4 KiB. */
export const maxListedDays = 300;

const dateForm = /^\d{4}-\d{2}-\d{2}$/;

/** Whether the text names a date of the calendar: 2030-02-30 does not. */
export function isDay(text: unknown): text is string {
  if (typeof text !== 'string' || !dateForm.test(text)) return false;
  const midnight = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(text);
}

/** Sorted, each once. */
export const asDays = (days: readonly string[]): string[] => [...new Set(days)].sort();
