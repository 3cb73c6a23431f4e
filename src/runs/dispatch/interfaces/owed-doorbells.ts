import type { Ring } from '../../domain/ring.js';

/** Which runs are owed a doorbell. */
export interface IOwedDoorbells {
  /**
   * Takes up to `limit` waiting runs whose ringing is owed: those that come within the horizon, and those that were rung
   * and that nobody claimed. Each is owed again later, after a time that doubles with each ringing; that of a paused job
   * not before the job is resumed (`ringWaiting`), unless somebody asked for it by hand.
   */
  takeOwed(limit: number): Promise<Ring[]>;

  /** Owes every near run its doorbell again at once. @returns how many */
  oweAll(): Promise<number>;
}
export const IOwedDoorbells = Symbol('IOwedDoorbells');
