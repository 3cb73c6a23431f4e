import type { Transaction } from '../../kernel/transaction.js';
import type { Job } from '../domain/job.js';

/** All jobs of one owner at once: for the days on which they leave, are disabled or enabled. */
export interface IJobOwners {
  /** Reads and locks those that are not finished. */
  lockUnfinished(tx: Transaction, userId: string): Promise<Job[]>;

  /** Locks all, finished ones included, so that no run of theirs is planned any more. @returns their ids */
  lock(tx: Transaction, userId: string): Promise<string[]>;

  /** Gives all of them to another owner. */
  hand(tx: Transaction, userId: string, heirId: string): Promise<void>;

  /** Marks that the account was disabled or enabled, in the transaction that does so: its jobs are to be brought in line. */
  markToAlign(tx: Transaction, userId: string): Promise<void>;

  /** @returns the id of an account that is marked so; null: there is none */
  findToAlign(): Promise<string | null>;

  /** Takes the mark away. */
  aligned(tx: Transaction, userId: string): Promise<void>;

  /** Whether the account exists and is not disabled. If so, that stays so until the transaction ends. */
  holdActive(tx: Transaction, userId: string): Promise<boolean>;

  /** Whether the account is not disabled, which stays so until the transaction ends; null: it does not exist. */
  lockActivity(tx: Transaction, userId: string): Promise<boolean | null>;

  /**
   * Pauses up to `limit` of the pending jobs, with `note` and the reason `account_disabled`. Those that are paused already stay as
   * they are. @returns how many
   */
  suspend(tx: Transaction, userId: string, note: string, limit: number): Promise<number>;

  /** Has up to `limit` pauses with the reason `account_disabled` run out. @returns how many */
  endSuspensions(tx: Transaction, userId: string, limit: number): Promise<number>;
}
export const IJobOwners = Symbol('IJobOwners');
