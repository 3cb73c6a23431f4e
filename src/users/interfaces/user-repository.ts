import type { Page, PageRequest } from '../../kernel/page.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { User, UserFilter } from '../domain/user.js';

/** What may change of a user. */
export type UserChanges = Partial<Pick<User, 'email' | 'name' | 'passwordHash' | 'role' | 'isActive'>>;

export interface IUserRepository {
  /**
   * Adds a user. Of several that add the same e-mail at the same time exactly one succeeds; nothing else is changed.
   * @throws conflict `EMAIL_TAKEN`
   */
  insert(user: User, tx?: Transaction): Promise<void>;

  /** @param id any text; what is not a UUID is nobody's id */
  findById(id: string): Promise<User | null>;

  /** @param email in canonical form */
  findByEmail(email: string): Promise<User | null>;

  /** Newest first. */
  list(filter: UserFilter, page: PageRequest): Promise<Page<User>>;

  /** How many there are, how many of them may log in, and how many of those are admins. */
  count(): Promise<{ total: number; active: number; admins: number }>;

  /** Reads the user and keeps them, and what refers to them, from being changed by others until the transaction ends. */
  lock(tx: Transaction, id: string): Promise<User | null>;

  /** Locks every active admin until the transaction ends, so that of two who step down at once one sees the other gone. */
  lockActiveAdmins(tx: Transaction): Promise<string[]>;

  /**
   * Changes a user that is locked. @returns them afterwards
   * @throws conflict `EMAIL_TAKEN`
   */
  update(tx: Transaction, id: string, changes: UserChanges): Promise<User>;

  /** Removes the user and everything that is theirs alone. */
  delete(tx: Transaction, id: string): Promise<void>;
}
export const IUserRepository = Symbol('IUserRepository');
