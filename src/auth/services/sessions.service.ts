import { Inject, Injectable } from '@nestjs/common';
import { IAuditTrail } from '../../audit/interfaces/audit-trail.js';
import { Config } from '../../config/config.js';
import { DomainError, notFound } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import type { User } from '../../users/domain/user.js';
import { IUserRepository } from '../../users/interfaces/user-repository.js';
import { digestOf, newSecret, newToken, successorOf } from '../domain/secret-token.js';
import type { Client, Session } from '../domain/session.js';
import { ISessionRepository } from '../interfaces/session-repository.js';
import { ITokenIssuer } from '../interfaces/token-issuer.js';
import { PrincipalsService } from './principals.service.js';

/** For so long, in ms, a refresh token that was just used is answered its successor again: an answer got lost, or two tabs asked at once. */
const graceMs = 20_000;
/** Logins that one person may have open; the one unused for longest gives way. */
const mostSessions = 100;

/** Someone who has just proven who they are, and what they prove it with from now on. */
export interface Login {
  user: User;
  sessionId: string;
  accessToken: string;
  /** Seconds that the access token works. */
  expiresIn: number;
  refreshToken: string;
}

/** Logins: opened, refreshed, listed, ended. */
@Injectable()
export class SessionsService {
  private readonly lifeMs: number;

  constructor(
    @Inject(ISessionRepository) private readonly sessions: ISessionRepository,
    @Inject(IUserRepository) private readonly users: IUserRepository,
    @Inject(ITokenIssuer) private readonly tokens: ITokenIssuer,
    private readonly principals: PrincipalsService,
    @Inject(IAuditTrail) private readonly trail: IAuditTrail,
    @Inject(Config) config: Config,
  ) {
    this.lifeMs = config.auth.sessionSeconds * 1_000;
  }

  async open(user: User, client: Client): Promise<Login> {
    const refreshToken = newToken('rt');
    const limits = { lifeMs: this.lifeMs, most: mostSessions };
    const session = await this.sessions.open(
      { id: newId(), userId: user.id, ...client },
      digestOf(refreshToken),
      limits,
    );
    return this.loginOf(user, session, refreshToken);
  }

  /**
   * New tokens for a refresh token, which works once. One that was used before ends the session: it has been copied, and
   * nobody can tell by whom.
   * @throws unauthenticated `INVALID_REFRESH_TOKEN`, `REFRESH_TOKEN_REUSED`
   */
  async refresh(token: string): Promise<Login> {
    const salt = newSecret();
    const limits = { lifeMs: this.lifeMs, graceMs };
    const successor = successorOf(token, salt);
    const rotation = await this.sessions.rotate(digestOf(token), { digest: digestOf(successor), salt }, limits);
    if (rotation.outcome === 'unknown') throw invalidRefreshToken();
    const { session } = rotation;
    const target = { kind: 'session', id: session.id };
    this.trail.about(target);
    if (rotation.outcome === 'reused') {
      await this.sessions.end(session.id, session.userId);
      this.principals.forget(session.userId);
      throw new DomainError(
        'unauthenticated',
        'REFRESH_TOKEN_REUSED',
        'This refresh token was used before, so it may have been stolen; the login has been ended. Log in again.',
      );
    }
    const user = await this.users.findById(session.userId);
    if (!user?.isActive) throw invalidRefreshToken();
    await this.trail.record(null, { target, userId: user.id });
    return this.loginOf(user, session, rotation.outcome === 'rotated' ? successor : successorOf(token, rotation.salt));
  }

  list(userId: string): Promise<Session[]> {
    return this.sessions.list(userId);
  }

  /** @throws DomainError `not_found`, also for somebody else's */
  async end(id: string, userId: string): Promise<void> {
    if (!(await this.sessions.end(id, userId))) throw notFound('session');
    this.principals.forget(userId);
    await this.trail.record(null, { target: { kind: 'session', id } });
  }

  /** Ends every login of the user, but for `exceptId`. */
  async endAll(userId: string, exceptId?: string): Promise<void> {
    await this.sessions.endAll(userId, exceptId);
    this.principals.forget(userId);
    await this.trail.record(null, { target: { kind: 'user', id: userId } });
  }

  private async loginOf(user: User, session: Session, refreshToken: string): Promise<Login> {
    const accessToken = await this.tokens.issue(user.id, session.id);
    return { user, sessionId: session.id, accessToken, expiresIn: this.tokens.lifeSeconds, refreshToken };
  }
}

const invalidRefreshToken = (): DomainError =>
  new DomainError(
    'unauthenticated',
    'INVALID_REFRESH_TOKEN',
    'This refresh token does not work any more; log in again.',
  );
