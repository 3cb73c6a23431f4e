import type { Transaction } from '../../kernel/transaction.js';
import type { Calendar } from '../domain/calendar.js';

/** What uses calendars: jobs, which are a later feature and implement this. */
export interface ICalendarUsers {
  /** Up to `limit` of the jobs that use the calendar, by name, and how many there are. */
  usersOf(tx: Transaction, calendar: Calendar, limit: number): Promise<{ total: number; jobs: JobName[] }>;

  /**
   * Gives every job that uses the calendar its new days and plans anew what has not started, in the caller's transaction.
   * @returns what is to be done once it has committed
   */
  calendarChanged(tx: Transaction, calendar: Calendar, now: Date): Promise<() => void>;
}
export const ICalendarUsers = Symbol('ICalendarUsers');

export interface JobName {
  id: string;
  name: string;
}
