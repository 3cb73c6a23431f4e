export interface IPasswordHasher {
  /**
   * A salted hash that is slow to compute on purpose.
   * @throws unavailable `TOO_BUSY` when too many hashes are waiting already
   */
  hash(password: string): Promise<string>;

  /**
   * Whether `password` is the one behind `hash`. Without a hash it answers false after the same time, so that nobody can
   * measure which accounts exist.
   * @throws unavailable `TOO_BUSY`, as {@link hash}
   */
  verify(password: string, hash: string | undefined): Promise<boolean>;

  /** Whether {@link hash} would make a slower one now, because the cost has been raised since. */
  isOutdated(hash: string): boolean;
}
export const IPasswordHasher = Symbol('IPasswordHasher');
