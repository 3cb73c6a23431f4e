import type { Allowance, Taken } from '../domain/allowance.js';

export interface IRateLimiter {
  /**
   * Takes one, or `count`, of what `key` may have, for all processes together. Answers within a fraction of a second whatever is down:
   * then each process counts for itself. Never rejects. Of what is taken in lots some may be in another process's hand for a moment:
   * see `PrefetchedTakes`.
   */
  take(allowance: Allowance, key: string, count?: number): Promise<Taken>;

  /** How much `key` has taken in the present window; as this process knows it where Redis is away. */
  used(allowance: Allowance, key: string): Promise<number>;

  /** Gives one back: what was taken turned out to be fine. Nobody waits for it. */
  giveBack(allowance: Allowance, key: string): void;

  /** Forgets all that `key` has taken. Nobody waits for it. */
  forget(allowance: Allowance, key: string): void;
}
export const IRateLimiter = Symbol('IRateLimiter');
