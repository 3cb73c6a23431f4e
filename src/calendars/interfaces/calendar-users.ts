import type { Transaction } from '../../kernel/transaction.js';
import type { Calendar } from '../domain/calendar.js';
import type { CalendarVersion } from '../../schedules/domain/blackout-calendar.js';

/** How much is done at once for a calendar that has changed. */
export interface FollowPace {
  /** Jobs at most. */
  jobs: number;
  /** Pause between two transactions, in ms, so that other work comes between them. */
  pauseMs: number;
}

/** What uses calendars: jobs, which are a later feature and implement this. */
export interface ICalendarUsers {
  /** Up to `limit` of the unfinished jobs that use the calendar, by name, and how many there are. */
  usersOf(tx: Transaction, calendar: Calendar, limit: number): Promise<{ total: number; jobs: JobName[] }>;

  /**
   * How many unfinished jobs use an older version of each calendar than this one, by the calendar's id.
   * @param tx the transaction that the caller has open; null: none
   */
  behind(tx: Transaction | null, calendars: CalendarVersion[]): Promise<Map<string, number>>;

  /**
   * Puts this version of the calendar in force for unfinished jobs that use an older one, those whose next time comes first before
   * the others, and plans anew what has not started: in many short transactions, each of which stands for itself.
   * @returns whether none is left
   */
  follow(calendar: CalendarVersion, pace: FollowPace): Promise<boolean>;
}
export const ICalendarUsers = Symbol('ICalendarUsers');

export interface JobName {
  id: string;
  name: string;
}
