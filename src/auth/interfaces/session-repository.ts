import type { PruneStep } from '../../kernel/retention.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { Session } from '../domain/session.js';

/** What presenting a refresh token came to. */
export type Rotation =
  /** It was the current one: the successor is now. */
  | { outcome: 'rotated'; session: Session }
  /** It was replaced a moment ago and its successor has not been used: the answer was lost, or two asked at once. */
  | { outcome: 'repeated'; session: Session; salt: string }
  /** It was used before: somebody has a copy. */
  | { outcome: 'reused'; session: Session }
  | { outcome: 'unknown' };

/** Times are the database's. A session that has ended or expired is as absent as one that never was. */
export interface ISessionRepository {
  /** Opens a session with its first refresh token; drops the user's expired ones, and the oldest above `most`. */
  open(
    session: Pick<Session, 'id' | 'userId' | 'address' | 'userAgent'>,
    tokenDigest: string,
    limits: { lifeMs: number; most: number },
  ): Promise<Session>;

  find(id: string): Promise<Session | null>;

  /** The latest used first. */
  list(userId: string): Promise<Session[]>;

  /**
   * Replaces a refresh token by its successor and prolongs the session. However many present one token at once, one
   * rotates it.
   *
   * @param next the successor's digest, and the salt that leads to it
   * @param limits.graceMs for so long a used token is answered `repeated`
   */
  rotate(
    tokenDigest: string,
    next: { digest: string; salt: string },
    limits: { lifeMs: number; graceMs: number },
  ): Promise<Rotation>;

  /** @returns whether the user had such a session */
  end(id: string, userId: string): Promise<boolean>;

  /** Ends the user's sessions, but for `exceptId`. */
  endAll(userId: string, exceptId?: string, tx?: Transaction): Promise<void>;

  /** Forgets those among the next `limit` sessions that expired more than `ageMs` ago, with their tokens. */
  prune(ageMs: number, after: string | null, limit: number): Promise<PruneStep>;

  /**
   * Forgets those among the next `limit` refresh tokens that were used more than `ageMs` ago, by their digests. One of
   * them that is presented once more is then `unknown`, no longer `reused`.
   */
  pruneTokens(ageMs: number, after: string | null, limit: number): Promise<PruneStep>;
}
export const ISessionRepository = Symbol('ISessionRepository');
