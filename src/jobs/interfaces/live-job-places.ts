import type { Transaction } from '../../kernel/transaction.js';

/** Names a count of a user's live jobs: places that were promised since the one before it are void. */
export type PlacesGeneration = string;

/** Some of the user's places, and the count since which they are promised. */
export interface PromisedPlaces {
  userId: string;
  generation: PlacesGeneration;
}

/** Places that were promised are void: they have been counted anew since. */
export class PlacesVoid extends Error {
  constructor() {
    super('The places for live jobs have been counted anew');
  }
}

/**
 * Places for live jobs, promised to submitters in blocks, so that a submission need not count a user's jobs.
 *
 * Between two counts a user's live jobs can only grow by submissions, each of which was promised its place. So no more are live
 * than were counted plus what was promised since, and that sum never exceeds the limit it was promised under. A count
 * waits for the submissions under way and makes void what has been promised and not used.
 */
export interface ILiveJobPlaces {
  /** Promises `count` places if that stays within `limit`. Null when it does not, or nobody has counted yet. */
  promise(userId: string, count: number, limit: number): Promise<PlacesGeneration | null>;

  /** Counts the user's live jobs, no further than `atMost`. Void is what was promised before. @returns how many there are */
  recount(userId: string, atMost: number): Promise<number>;

  /**
   * Counts in the submission's own transaction, before it does anything else, and keeps all others of the user out until it
   * ends: for one whose promise was made void again and again. Counts `adding` jobs in that are to come, if there is room.
   * @returns how many there are without them
   */
  recountAlone(tx: Transaction, userId: string, adding: number, atMost: number): Promise<number>;

  /**
   * Makes sure that all these promises count, and keeps the places of their users from being counted until the submission's
   * transaction ends, which may be one that is sent at once.
   * Rejects with {@link PlacesVoid} where one does not; the transaction cannot be committed then.
   */
  hold(tx: Transaction, promises: readonly PromisedPlaces[]): Promise<void>;
}
export const ILiveJobPlaces = Symbol('ILiveJobPlaces');
