import { Inject, Injectable } from '@nestjs/common';
import { IAuditTrail } from '../../audit/interfaces/audit-trail.js';
import { Config } from '../../config/config.js';
import { IClock } from '../../kernel/clock.js';
import { newId } from '../../kernel/ids.js';
import type { Principal } from '../../kernel/principal.js';
import { ITransactionRunner } from '../../kernel/transaction.js';
import type { Transaction } from '../../kernel/transaction.js';
import { accountGone, accountOf, canonicalEmail, formerUser, lastAdmin } from '../../users/domain/user.js';
import type { User } from '../../users/domain/user.js';
import { IOwnedWork } from '../../users/interfaces/owned-work.js';
import { IUserRepository } from '../../users/interfaces/user-repository.js';
import { refuseWeak } from '../domain/password.js';
import { ISessionRepository } from '../interfaces/session-repository.js';
import { Passwords, wrongPassword } from './passwords.js';
import { PrincipalsService } from './principals.service.js';

/** What people do to their own account. What matters asks for the password again: a token may have been left behind. */
@Injectable()
export class AccountsService {
  private readonly keepHistory: boolean;

  constructor(
    @Inject(IUserRepository) private readonly users: IUserRepository,
    @Inject(ISessionRepository) private readonly sessions: ISessionRepository,
    @Inject(IOwnedWork) private readonly work: IOwnedWork,
    private readonly passwords: Passwords,
    @Inject(ITransactionRunner) private readonly transactions: ITransactionRunner,
    @Inject(IClock) private readonly clock: IClock,
    private readonly principals: PrincipalsService,
    @Inject(IAuditTrail) private readonly trail: IAuditTrail,
    @Inject(Config) config: Config,
  ) {
    this.keepHistory = config.auth.keepHistory;
  }

  /** @throws unauthenticated `UNAUTHENTICATED` when the user is gone */
  async profile(userId: string): Promise<User> {
    const user = await this.users.findById(userId);
    if (!user) throw accountGone();
    return user;
  }

  /**
   * @param changes a new e-mail needs the current password
   * @throws forbidden `WRONG_PASSWORD`; conflict `EMAIL_TAKEN`
   */
  async change(
    userId: string,
    { name, email, currentPassword }: { name?: string; email?: string; currentPassword?: string },
  ): Promise<User> {
    const changes = {
      ...(name !== undefined && { name }),
      ...(email !== undefined && { email: canonicalEmail(email) }),
    };
    const user = await this.profile(userId);
    if (changes.email !== undefined && changes.email !== user.email)
      await this.passwords.checkOwn(user, currentPassword);
    if (Object.keys(changes).length === 0) return user;
    return this.transactions.run(async (tx) => {
      const before = accountOf(await this.lock(tx, user));
      const changed = await this.users.update(tx, userId, changes);
      await this.trail.record(tx, { target: { kind: 'user', id: userId }, before, after: accountOf(changed) });
      return changed;
    });
  }

  /** Ends every other login of the user. @throws forbidden `WRONG_PASSWORD`; invalid `WEAK_PASSWORD` */
  async changePassword({ userId, credentialId }: Principal, current: string, next: string): Promise<void> {
    const user = await this.profile(userId);
    await this.passwords.checkOwn(user, current);
    refuseWeak(next, user.email, '/newPassword');
    const passwordHash = await this.passwords.hash(['own', userId], next);
    await this.transactions.run(async (tx) => {
      await this.lock(tx, user);
      await this.users.update(tx, userId, { passwordHash });
      await this.sessions.endAll(userId, credentialId, tx);
      await this.trail.record(tx, { target: { kind: 'user', id: userId } });
    });
    this.principals.forget(userId);
  }

  /**
   * Removes the person with all that is theirs. Their jobs are cancelled; by configuration the history of these stays,
   * under an owner that says nothing of the person.
   * @throws forbidden `WRONG_PASSWORD`; conflict `LAST_ADMIN`
   */
  async delete(userId: string, password: string): Promise<void> {
    const user = await this.profile(userId);
    await this.passwords.checkOwn(user, password);
    await this.transactions.run(async (tx) => {
      const admins = await this.users.lockActiveAdmins(tx);
      if (admins.length === 1 && admins[0] === userId) throw lastAdmin();
      await this.lock(tx, user);
      const heir = this.keepHistory ? formerUser(newId(), this.clock.now()) : null;
      if (heir) await this.users.insert(heir, tx);
      await this.work.release(tx, userId, heir?.id ?? null);
      await this.users.delete(tx, userId);
      await this.trail.record(tx, { target: { kind: 'user', id: userId }, before: accountOf(user) });
    });
    this.principals.forget(userId);
  }

  /** Another change of the password in between means that whoever asked did not know the present one. */
  private async lock(tx: Transaction, { id, passwordHash }: User): Promise<User> {
    const user = await this.users.lock(tx, id);
    if (!user) throw accountGone();
    if (user.passwordHash !== passwordHash) throw wrongPassword();
    return user;
  }
}
