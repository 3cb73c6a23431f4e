import type { Transaction } from '../../kernel/transaction.js';
import type { Job } from '../domain/job.js';

/** Changes all jobs of one owner: when the account is deleted, disabled or enabled. */
export interface IJobOwners {
  /** Reads and locks the owner's unfinished jobs. */
  lockUnfinished(tx: Transaction, userId: string): Promise<Job[]>;

  /** Locks all jobs of the owner, finished ones included, so that no run of them is planned any more. @returns their ids */
  lock(tx: Transaction, userId: string): Promise<string[]>;

  /** Gives all jobs of the owner to another owner. */
  hand(tx: Transaction, userId: string, heirId: string): Promise<void>;

  /** Marks an account whose jobs must follow its state. Call it in the transaction that disables or enables the account. */
  markToAlign(tx: Transaction, userId: string): Promise<void>;

  /** @returns the id of a marked account; null when no account is marked */
  findToAlign(): Promise<string | null>;

  /** Removes the mark. */
  aligned(tx: Transaction, userId: string): Promise<void>;

  /** Whether the account exists and is enabled. If so, it cannot be deleted or disabled until the transaction ends. */
  holdActive(tx: Transaction, userId: string): Promise<boolean>;

  /** Whether the account is enabled; null when it does not exist. Its state cannot change until the transaction ends. */
  lockActivity(tx: Transaction, userId: string): Promise<boolean | null>;

  /**
   * Pauses up to `limit` pending jobs, with `note` and the reason `account_disabled`. Does not change jobs that are already paused.
   * @returns the number of jobs that it paused
   */
  suspend(tx: Transaction, userId: string, note: string, limit: number): Promise<number>;

  /** Ends up to `limit` pauses with the reason `account_disabled`. @returns the number of pauses that it ended */
  endSuspensions(tx: Transaction, userId: string, limit: number): Promise<number>;
}
export const IJobOwners = Symbol('IJobOwners');
