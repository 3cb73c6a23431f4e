import type { Transaction } from '../../kernel/transaction.js';

/** Identifies a count of a user's live jobs. A new count makes all places void that were promised before it. */
export type PlacesGeneration = string;

/** A promise of places to a user, and the count after which it was made. */
export interface PromisedPlaces {
  userId: string;
  generation: PlacesGeneration;
}

/** Promised places are void, because a count has taken place since. */
export class PlacesVoid extends Error {
  constructor() {
    super('The places for live jobs have been counted anew');
  }
}

/**
 * Promises places for live jobs to processes in blocks, so that a submission need not count a user's jobs.
 *
 * Between two counts, only submissions add to a user's live jobs, and each has a promised place. The number of live jobs is
 * therefore at most the last count plus the places promised since. That sum never exceeds the limit under which the places were
 * promised. A count waits for running submissions, and makes unused promises void.
 */
export interface ILiveJobPlaces {
  /** Promises `count` places if the sum stays within `limit`. Null when it does not, or when no count exists yet. */
  promise(userId: string, count: number, limit: number): Promise<PlacesGeneration | null>;

  /** Counts the user's live jobs, up to `max`. Makes all earlier promises void. @returns the count */
  recount(userId: string, max: number): Promise<number>;

  /**
   * Counts in the submission's own transaction, as its first statement, and blocks all other submissions of the user until the
   * transaction ends. For a submission whose promises were void repeatedly. Reserves places for the `adding` new jobs if `max` permits.
   * @returns the count without the new jobs
   */
  recountAlone(tx: Transaction, userId: string, adding: number, max: number): Promise<number>;

  /**
   * Verifies that all these promises are valid, and prevents a count for their users until the submission's transaction ends.
   * `ITransactionRunner.atOnce` may run it.
   * Rejects with {@link PlacesVoid} when a promise is void; the transaction cannot commit then.
   */
  hold(tx: Transaction, promises: readonly PromisedPlaces[]): Promise<void>;
}
export const ILiveJobPlaces = Symbol('ILiveJobPlaces');
