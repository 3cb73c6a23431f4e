import { notFound } from '../../src/kernel/errors.js';
import { pageOf } from '../../src/kernel/page.js';
import type { Page, PageRequest } from '../../src/kernel/page.js';
import type { Transaction } from '../../src/kernel/transaction.js';
import { emailTaken } from '../../src/users/domain/user.js';
import type { User, UserFilter } from '../../src/users/domain/user.js';
import type { IUserRepository, UserChanges } from '../../src/users/interfaces/user-repository.js';

export class InMemoryUserRepository implements IUserRepository {
  private readonly users = new Map<string, User>();

  async insert(user: User): Promise<void> {
    this.refuseTaken(user);
    this.users.set(user.id, { ...user });
  }

  async findById(id: string): Promise<User | null> {
    const user = this.users.get(id);
    return user ? { ...user } : null;
  }

  async findByEmail(email: string): Promise<User | null> {
    const user = [...this.users.values()].find((other) => other.email === email);
    return user ? { ...user } : null;
  }

  async list({ role, isActive, search }: UserFilter, page: PageRequest): Promise<Page<User>> {
    const text = search?.toLowerCase();
    const found = [...this.users.values()]
      .filter((user) => role === undefined || user.role === role)
      .filter((user) => isActive === undefined || user.isActive === isActive)
      .filter((user) => text === undefined || [user.email, user.name].some((own) => own.toLowerCase().includes(text)))
      .sort((a, b) => (a.id < b.id ? 1 : -1));
    const first = (page.page - 1) * page.limit;
    return pageOf(structuredClone(found.slice(first, first + page.limit)), found.length, page);
  }

  async count(): Promise<{ total: number; active: number; admins: number }> {
    const active = [...this.users.values()].filter(({ isActive }) => isActive);
    const admins = active.filter(({ role }) => role === 'admin');
    return { total: this.users.size, active: active.length, admins: admins.length };
  }

  lock(_tx: Transaction, id: string): Promise<User | null> {
    return this.findById(id);
  }

  async lockActiveAdmins(): Promise<string[]> {
    const admins = [...this.users.values()].filter(({ role, isActive }) => role === 'admin' && isActive);
    return admins.map(({ id }) => id).sort();
  }

  async update(_tx: Transaction, id: string, changes: UserChanges): Promise<User> {
    const user = this.users.get(id);
    if (!user) throw notFound('user');
    const changed = { ...user, ...changes };
    this.refuseTaken(changed);
    this.users.set(id, changed);
    return { ...changed };
  }

  async delete(_tx: Transaction, id: string): Promise<void> {
    this.users.delete(id);
  }

  /** What an operator does in the database. */
  change(id: string, changes: Partial<User>): void {
    const user = this.users.get(id);
    if (!user) throw new Error(`There is no user ${id}.`);
    this.users.set(id, { ...user, ...changes });
  }

  private refuseTaken({ id, email }: User): void {
    if ([...this.users.values()].some((other) => other.email === email && other.id !== id)) throw emailTaken();
  }
}
