import type { CalendarVersion } from '../../schedules/domain/blackout-calendar.js';
import type { JobName } from '../../calendars/interfaces/calendar-users.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { Job } from '../domain/job.js';

/** A job whose schedule gets other versions of its calendars, as it was and as it becomes. */
export interface FollowingJob {
  job: Job;
  next: Job;
}

/** The unfinished jobs that use a calendar. One is behind when its schedule names an older version than the calendar's. */
export interface ICalendarJobs {
  /** Up to `limit` of those that use it, by name, and how many there are. */
  using(tx: Transaction, calendarId: string, limit: number): Promise<{ total: number; jobs: JobName[] }>;

  /** Ids of up to `limit` of those that are behind, the one whose next time comes first being the first. */
  behind(calendar: CalendarVersion, limit: number): Promise<string[]>;

  /** How many are behind each calendar, by its id. @param tx null: asked outside of a transaction */
  countBehind(tx: Transaction | null, calendars: CalendarVersion[]): Promise<Map<string, number>>;

  /** Locks those of the jobs that are behind; those that others hold are left out, and all when the calendar has a newer version. */
  lockBehind(tx: Transaction, ids: string[], calendar: CalendarVersion): Promise<Job[]>;

  /** Of jobs that are locked: writes the new schedules and versions, and keeps the replaced ones. Planning stays as it is. */
  replaceSchedules(tx: Transaction, changes: FollowingJob[]): Promise<void>;
}
export const ICalendarJobs = Symbol('ICalendarJobs');
