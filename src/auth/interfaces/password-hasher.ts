/**
 * On whose behalf a password is hashed. Turns go round by the kind, then by what follows it, so that no user, no address and no account keeps
 * others from theirs.
 */
export type Asker =
  | readonly [kind: 'login', address: string, account: string]
  | readonly [kind: 'registration', address: string]
  | readonly [kind: 'own', userId: string];

/** What may be done while it is one's turn. */
export interface Hashing {
  /** A salted hash that is slow to compute on purpose. */
  hash(password: string): Promise<string>;

  /**
   * Whether `password` is the one behind `hash`. Without a hash it answers false after the same time, so that nobody can
   * measure which accounts exist.
   */
  verify(password: string, hash: string | undefined): Promise<boolean>;
}

export interface IPasswordHasher {
  /**
   * Hashes when it is the asker's turn: hashing never crowds out other work, nor one asker's another's.
   * @throws unavailable `TOO_BUSY` when too many wait already; `work` has then not begun
   */
  inTurn<T>(asker: Asker, work: (hashing: Hashing) => Promise<T>): Promise<T>;

  /** Whether a new hash would be a slower one now, because the cost has been raised since. */
  isOutdated(hash: string): boolean;
}
export const IPasswordHasher = Symbol('IPasswordHasher');
