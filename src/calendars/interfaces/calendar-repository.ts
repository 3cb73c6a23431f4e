import type { Page, PageRequest } from '../../kernel/page.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { Calendar, ListedCalendar } from '../domain/calendar.js';
import type { CalendarVersion } from '../../schedules/domain/blackout-calendar.js';

/** Calendars as rows. Reading is always by owner: what belongs to somebody else is as absent as what does not exist. */
export interface ICalendarRepository {
  /** The database's clock. */
  now(tx: Transaction): Promise<Date>;

  /** Keeps what it holds as a version, too. @throws DomainError `CALENDAR_NAME_TAKEN` when the owner has one of this name */
  insert(tx: Transaction, calendar: Calendar): Promise<void>;

  count(tx: Transaction, userId: string): Promise<number>;

  find(id: string, userId: string): Promise<Calendar | null>;

  /** By name, each with a bound in bytes. */
  list(userId: string, page: PageRequest): Promise<Page<ListedCalendar>>;

  /** The versions of those of the ids that exist; they stay as they are until the transaction ends. */
  hold(tx: Transaction, ids: string[], userId: string): Promise<CalendarVersion[]>;

  /** Reads the calendar and keeps others from using or changing it until the transaction ends. */
  lock(tx: Transaction, id: string, userId: string): Promise<Calendar | null>;

  /** Up to `limit` calendars of anybody that are changing, by id, after the id `after`. */
  changing(after: string | null, limit: number): Promise<CalendarVersion[]>;

  /** The version has reached all that use the calendar: it is not changing any more, unless it has changed again. */
  settle(calendar: CalendarVersion): Promise<void>;

  /** Writes a calendar that is locked, and keeps what it holds as a version. @throws DomainError `CALENDAR_NAME_TAKEN` */
  update(tx: Transaction, calendar: Calendar): Promise<void>;

  delete(tx: Transaction, id: string): Promise<void>;
}
export const ICalendarRepository = Symbol('ICalendarRepository');
