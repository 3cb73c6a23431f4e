import type { PruneStep } from '../../kernel/retention.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { Page, PageRequest } from '../../kernel/page.js';
import type { Invite, OpenInvite } from '../domain/invite.js';

/** An invite is open until it is used or expires, on the database's clock. */
export interface IInviteRepository {
  insert(invite: Invite): Promise<void>;

  /** The open ones of all admins, newest first. */
  listOpen(page: PageRequest): Promise<Page<OpenInvite>>;

  /** Takes an open one back. @returns whether there was one; of several who take it, use it or revoke it, one succeeds */
  revoke(id: string): Promise<boolean>;

  /** Whether there is an open one for this e-mail. */
  isOpen(digest: string, email: string): Promise<boolean>;

  /** Uses it up. Of several at once one succeeds. @returns whether this was the one */
  take(tx: Transaction, digest: string, email: string, userId: string): Promise<boolean>;

  /** Forgets those among the next `limit` invites, used or not, that expired more than `ageMs` ago. */
  prune(ageMs: number, after: string | null, limit: number): Promise<PruneStep>;
}
export const IInviteRepository = Symbol('IInviteRepository');
