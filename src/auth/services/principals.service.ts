import { Inject, Injectable } from '@nestjs/common';
import { IClock } from '../../kernel/clock.js';
import { isId } from '../../kernel/ids.js';
import type { Principal } from '../../kernel/principal.js';
import { IUserRepository } from '../../users/interfaces/user-repository.js';
import { opens, parseApiKey } from '../domain/api-key.js';
import type { ApiKey } from '../domain/api-key.js';
import { IApiKeyRepository } from '../interfaces/api-key-repository.js';
import { ISessionRepository } from '../interfaces/session-repository.js';
import { TtlCache } from '../../kernel/ttl-cache.js';

/** A key is noted as used when it was not for this long, in ms. */
const coarseMs = 60_000;

interface KnownKey {
  key: ApiKey;
  principal: Principal;
}

/**
 * Tells whom a credential stands for now, without asking the database for every request: what ended or changed elsewhere
 * is noticed within five seconds, here at once.
 */
@Injectable()
export class PrincipalsService {
  private readonly sessions: TtlCache<Principal | null>;
  private readonly keys: TtlCache<KnownKey | null>;

  constructor(
    @Inject(IUserRepository) private readonly users: IUserRepository,
    @Inject(ISessionRepository) private readonly openSessions: ISessionRepository,
    @Inject(IApiKeyRepository) private readonly apiKeys: IApiKeyRepository,
    @Inject(IClock) private readonly clock: IClock,
  ) {
    this.sessions = new TtlCache(() => clock.monotonicMs());
    this.keys = new TtlCache(() => clock.monotonicMs());
  }

  /** Null when there is no such session any more, or its user may not act. */
  async ofSession(sessionId: string): Promise<Principal | null> {
    return isId(sessionId) ? this.sessions.of(sessionId, () => this.askSession(sessionId)) : null;
  }

  /** As `ofSession`, where the answer is known; undefined: ask. */
  knownOfSession(sessionId: string): Principal | null | undefined {
    return this.sessions.peek(sessionId);
  }

  /** Null when this is no key, or one that is wrong, deleted or expired, or whose user may not act. */
  async ofApiKey(text: string): Promise<Principal | null> {
    const sent = parseApiKey(text);
    if (!sent) return null;
    const known = await this.keys.of(sent.id, () => this.askKey(sent.id));
    if (!known || !opens(known.key, sent.secret, this.clock.now())) return null;
    await this.noteUse(known.key);
    return known.principal;
  }

  /** Asks the database again about the user: something has been taken away from them. */
  forget(userId: string): void {
    this.sessions.forget((principal) => principal?.userId === userId);
    this.keys.forget((known) => known?.principal.userId === userId);
  }

  private async askSession(id: string): Promise<Principal | null> {
    const session = await this.openSessions.find(id);
    const user = session && (await this.users.findById(session.userId));
    return user?.isActive ? { userId: user.id, role: user.role, via: 'session', credentialId: id, scopes: null } : null;
  }

  private async askKey(id: string): Promise<KnownKey | null> {
    const key = await this.apiKeys.find(id);
    if (!key) return null;
    const user = await this.users.findById(key.userId);
    if (!user?.isActive) return null;
    return {
      key,
      principal: { userId: user.id, role: user.role, via: 'api_key', credentialId: id, scopes: key.scopes },
    };
  }

  private async noteUse(key: ApiKey): Promise<void> {
    const now = this.clock.now();
    if (key.lastUsedAt && now.getTime() - key.lastUsedAt.getTime() < coarseMs) return;
    key.lastUsedAt = now;
    await this.apiKeys.touch(key.id);
  }
}
