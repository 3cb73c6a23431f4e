import { Inject, Injectable } from '@nestjs/common';
import { IAuditTrail } from '../../audit/interfaces/audit-trail.js';
import { notFound } from '../../kernel/errors.js';
import type { Page, PageRequest } from '../../kernel/page.js';
import { ITransactionRunner } from '../../kernel/transaction.js';
import { accountOf, lastAdmin } from '../../users/domain/user.js';
import type { User, UserFilter, UserRole } from '../../users/domain/user.js';
import { IOwnedWork } from '../../users/interfaces/owned-work.js';
import { IUserRepository } from '../../users/interfaces/user-repository.js';
import { ISessionRepository } from '../interfaces/session-repository.js';
import { PrincipalsService } from './principals.service.js';

/** What admins do to users. Whose rights change must log in again, so that no token carries what was taken away. */
@Injectable()
export class UserAdministrationService {
  constructor(
    @Inject(IUserRepository) private readonly users: IUserRepository,
    @Inject(ISessionRepository) private readonly sessions: ISessionRepository,
    @Inject(IOwnedWork) private readonly work: IOwnedWork,
    @Inject(ITransactionRunner) private readonly transactions: ITransactionRunner,
    private readonly principals: PrincipalsService,
    @Inject(IAuditTrail) private readonly trail: IAuditTrail,
  ) {}

  list(filter: UserFilter, page: PageRequest): Promise<Page<User>> {
    return this.users.list(filter, page);
  }

  /** @throws conflict `LAST_ADMIN` */
  setRole(userId: string, role: UserRole): Promise<User> {
    return this.change(userId, { role });
  }

  /**
   * One who is not active may not log in, and their jobs are paused: none of their runs starts once this has resolved. Their jobs
   * are resumed when they are active again. @throws conflict `LAST_ADMIN`
   */
  async setActive(userId: string, isActive: boolean): Promise<User> {
    const user = await this.change(userId, { isActive });
    await this.work.followActivity(userId);
    return user;
  }

  private async change(userId: string, changes: { role?: UserRole; isActive?: boolean }): Promise<User> {
    const user = await this.transactions.run(async (tx) => {
      const admins = await this.users.lockActiveAdmins(tx);
      const before = await this.users.lock(tx, userId);
      if (!before) throw notFound('user');
      const after = { ...before, ...changes };
      const target = { kind: 'user', id: userId };
      await this.trail.record(tx, { target, before: accountOf(before), after: accountOf(after) });
      if (after.role === before.role && after.isActive === before.isActive) return before;
      const staysAdmin = after.role === 'admin' && after.isActive;
      if (!staysAdmin && admins.length === 1 && admins[0] === userId) throw lastAdmin();
      await this.sessions.endAll(userId, undefined, tx);
      if (after.isActive !== before.isActive) await this.work.activityChanges(tx, userId);
      return this.users.update(tx, userId, changes);
    });
    this.principals.forget(userId);
    return user;
  }
}
