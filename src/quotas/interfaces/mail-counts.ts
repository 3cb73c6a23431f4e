import type { Transaction } from '../../kernel/transaction.js';
import type { MailHour } from '../domain/mail-quota.js';

/** How many mails each user has had sent, by the clock hour. */
export interface IMailCounts {
  /** Reads the last day's hours, and the database's clock. */
  read(userId: string): Promise<{ hours: MailHour[]; now: Date }>;

  /** As `read`, and keeps others from counting for the user until the transaction ends. Null when there is no such user. */
  lock(tx: Transaction, userId: string): Promise<{ hours: MailHour[]; now: Date } | null>;

  /** Adds to the hour that `now` lies in. Hours too old to matter are forgotten. */
  add(tx: Transaction, userId: string, count: number, now: Date): Promise<void>;
}
export const IMailCounts = Symbol('IMailCounts');
