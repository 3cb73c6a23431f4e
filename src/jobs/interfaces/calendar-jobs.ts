import type { CalendarVersion } from '../../schedules/domain/blackout-calendar.js';
import type { JobName } from '../../calendars/interfaces/calendar-users.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { Job } from '../domain/job.js';

/** A job before and after its schedule gets a new version of a calendar. */
export interface FollowingJob {
  job: Job;
  next: Job;
}

/** The unfinished jobs that use a calendar. One is behind when its schedule names an older version than the calendar's. */
export interface ICalendarJobs {
  /** Up to `limit` jobs that use the calendar, by name, and the number of all of them. */
  using(tx: Transaction, calendarId: string, limit: number): Promise<{ total: number; jobs: JobName[] }>;

  /** Ids of up to `limit` jobs that are behind, ordered by their next time. */
  behind(calendar: CalendarVersion, limit: number): Promise<string[]>;

  /** Number of jobs behind each calendar, by the calendar's id. @param tx null reads outside a transaction */
  countBehind(tx: Transaction | null, calendars: CalendarVersion[]): Promise<Map<string, number>>;

  /** Locks the given jobs that are behind. Leaves out jobs that others have locked, and all jobs when the calendar has a newer version. */
  lockBehind(tx: Transaction, ids: string[], calendar: CalendarVersion): Promise<Job[]>;

  /** Writes the new schedules and versions of locked jobs, and stores the replaced ones. Does not change their planning. */
  replaceSchedules(tx: Transaction, changes: FollowingJob[]): Promise<void>;
}
export const ICalendarJobs = Symbol('ICalendarJobs');
