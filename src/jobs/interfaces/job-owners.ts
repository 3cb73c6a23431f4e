import type { Transaction } from '../../kernel/transaction.js';
import type { Job } from '../domain/job.js';

/** All jobs of one owner at once: for the day on which they leave. */
export interface IJobOwners {
  /** Reads and locks those that are not finished. */
  lockUnfinished(tx: Transaction, userId: string): Promise<Job[]>;

  /** Locks all, finished ones included, so that no run of theirs is planned any more. @returns their ids */
  lock(tx: Transaction, userId: string): Promise<string[]>;

  /** Gives all of them to another owner. */
  hand(tx: Transaction, userId: string, heirId: string): Promise<void>;
}
export const IJobOwners = Symbol('IJobOwners');
