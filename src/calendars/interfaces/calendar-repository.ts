import type { Page, PageRequest } from '../../kernel/page.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { Calendar } from '../domain/calendar.js';

/** Calendars as rows. Reading is always by owner: what belongs to somebody else is as absent as what does not exist. */
export interface ICalendarRepository {
  /** The database's clock. */
  now(tx: Transaction): Promise<Date>;

  /** @throws DomainError `CALENDAR_NAME_TAKEN` when the owner has one of this name */
  insert(tx: Transaction, calendar: Calendar): Promise<void>;

  count(tx: Transaction, userId: string): Promise<number>;

  find(id: string, userId: string): Promise<Calendar | null>;

  /** By name. */
  list(userId: string, page: PageRequest): Promise<Page<Calendar>>;

  /** Those of the ids that exist; they stay as they are until the transaction ends. */
  hold(tx: Transaction, ids: string[], userId: string): Promise<Calendar[]>;

  /** Reads the calendar and keeps others from using or changing it until the transaction ends. */
  lock(tx: Transaction, id: string, userId: string): Promise<Calendar | null>;

  /** Writes a calendar that is locked. @throws DomainError `CALENDAR_NAME_TAKEN` */
  update(tx: Transaction, calendar: Calendar): Promise<void>;

  delete(tx: Transaction, id: string): Promise<void>;
}
export const ICalendarRepository = Symbol('ICalendarRepository');
