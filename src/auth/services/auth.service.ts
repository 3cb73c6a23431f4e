import { Inject, Injectable } from '@nestjs/common';
import { IAuditTrail } from '../../audit/interfaces/audit-trail.js';
import { IClock } from '../../kernel/clock.js';
import { newId } from '../../kernel/ids.js';
import { ITransactionRunner } from '../../kernel/transaction.js';
import { accountOf, canonicalEmail } from '../../users/domain/user.js';
import type { User } from '../../users/domain/user.js';
import { IUserRepository } from '../../users/interfaces/user-repository.js';
import { sender } from '../../limits/domain/allowance.js';
import { refuseWeak } from '../domain/password.js';
import type { Client } from '../domain/session.js';
import { InvitesService } from './invites.service.js';
import { Passwords } from './passwords.js';
import { SessionsService } from './sessions.service.js';
import type { Login } from './sessions.service.js';

export interface Registration {
  email: string;
  password: string;
  name: string;
  /** Token of an invite, where one is needed. */
  invite?: string;
}

/** The ways to a session: register, log in. */
@Injectable()
export class AuthService {
  constructor(
    @Inject(IUserRepository) private readonly users: IUserRepository,
    private readonly passwords: Passwords,
    @Inject(ITransactionRunner) private readonly transactions: ITransactionRunner,
    @Inject(IClock) private readonly clock: IClock,
    private readonly invites: InvitesService,
    private readonly sessions: SessionsService,
    @Inject(IAuditTrail) private readonly trail: IAuditTrail,
  ) {}

  /** @throws conflict `EMAIL_TAKEN`; forbidden `REGISTRATION_CLOSED`, `INVITE_REQUIRED`; invalid `WEAK_PASSWORD` */
  async register({ email: given, password, name, invite }: Registration, client: Client): Promise<Login> {
    const email = canonicalEmail(given);
    await this.invites.checkMayRegister(email, invite);
    refuseWeak(password, email);
    const now = this.clock.now();
    const user: User = {
      id: newId(),
      email,
      name,
      passwordHash: await this.passwords.hash(['registration', sender(client.address ?? '')], password),
      role: 'user',
      isActive: true,
      createdAt: now,
      updatedAt: now,
    };
    await this.transactions.run(async (tx) => {
      await this.users.insert(user, tx);
      await this.invites.use(tx, user, invite);
      const target = { kind: 'user', id: user.id };
      await this.trail.record(tx, { target, after: accountOf(user), userId: user.id });
    });
    return this.sessions.open(user, client);
  }

  /** @throws as `Passwords.checkLogin` */
  async login(email: string, password: string, client: Client): Promise<Login> {
    const user = await this.passwords.checkLogin(canonicalEmail(email), client.address, password, async (account) => {
      const found = await this.users.findByEmail(account);
      if (found) this.trail.about({ kind: 'user', id: found.id });
      return found;
    });
    if (this.passwords.isOutdated(user.passwordHash)) await this.hashAgain(user, password, client);
    const login = await this.sessions.open(user, client);
    await this.trail.record(null, { target: { kind: 'session', id: login.sessionId }, userId: user.id });
    return login;
  }

  /** Only now is the password known again. One that was changed meanwhile stays. */
  private async hashAgain(
    { id, email, passwordHash: outdated }: User,
    password: string,
    { address }: Client,
  ): Promise<void> {
    const passwordHash = await this.passwords.hash(['login', sender(address ?? ''), email], password);
    await this.transactions.run(async (tx) => {
      const user = await this.users.lock(tx, id);
      if (user?.passwordHash === outdated) await this.users.update(tx, id, { passwordHash });
    });
  }
}
