import type { PruneStep } from '../../kernel/retention.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { Invite } from '../domain/invite.js';

/** An invite is open until it is used or expires, on the database's clock. */
export interface IInviteRepository {
  insert(invite: Invite): Promise<void>;

  /** Whether there is an open one for this e-mail. */
  isOpen(digest: string, email: string): Promise<boolean>;

  /** Uses it up. Of several at once one succeeds. @returns whether this was the one */
  take(tx: Transaction, digest: string, email: string, userId: string): Promise<boolean>;

  /** Forgets those among the next `limit` invites, used or not, that expired more than `ageMs` ago. */
  prune(ageMs: number, after: string | null, limit: number): Promise<PruneStep>;
}
export const IInviteRepository = Symbol('IInviteRepository');
