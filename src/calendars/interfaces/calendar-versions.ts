import type { PruneStep } from '../../kernel/retention.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { BlackoutCalendar, CalendarVersion } from '../../schedules/domain/blackout-calendar.js';

/** What calendars have held, version by version. They are only added to, and outlive their calendar: history refers to them. */
export interface ICalendarVersions {
  /** What the versions hold; those that do not exist are left out. @param tx null: asked outside of a transaction */
  read(tx: Transaction | null, versions: CalendarVersion[]): Promise<BlackoutCalendar[]>;

  /**
   * Deletes, among the next `limit` versions after the key `after`, those that nothing refers to any more, and that are an hour
   * old: until then somebody may be about to bring one to a job.
   */
  prune(after: string | null, limit: number): Promise<PruneStep>;
}
export const ICalendarVersions = Symbol('ICalendarVersions');
