import type { ApiKey } from '../../../src/auth/domain/api-key.js';
import type { Invite, OpenInvite } from '../../../src/auth/domain/invite.js';
import { pageOf } from '../../../src/kernel/page.js';
import type { Page, PageRequest } from '../../../src/kernel/page.js';
import type { Session } from '../../../src/auth/domain/session.js';
import type { IApiKeyRepository } from '../../../src/auth/interfaces/api-key-repository.js';
import type { IInviteRepository } from '../../../src/auth/interfaces/invite-repository.js';
import type { ISessionRepository, Rotation } from '../../../src/auth/interfaces/session-repository.js';
import type { IClock } from '../../../src/kernel/clock.js';
import type { PruneStep } from '../../../src/kernel/retention.js';
import type { ITransactionRunner, Transaction } from '../../../src/kernel/transaction.js';

/** For stores that keep no transactions: does the work, and undoes nothing. */
export const withoutRollback: ITransactionRunner = {
  run: (work) => work({} as Transaction),
  atOnce: (work) => work({} as Transaction),
};

interface Token {
  sessionId: string;
  usedAt: Date | null;
  salt: string;
  successor: string;
}

export class InMemorySessionRepository implements ISessionRepository {
  private readonly sessions = new Map<string, Session>();
  private readonly tokens = new Map<string, Token>();

  constructor(private readonly clock: Pick<IClock, 'now'>) {}

  async open(
    given: Pick<Session, 'id' | 'userId' | 'address' | 'userAgent'>,
    tokenDigest: string,
    { lifeMs, most }: { lifeMs: number; most: number },
  ): Promise<Session> {
    for (const { id } of (await this.list(given.userId)).slice(most - 1)) this.sessions.delete(id);
    const now = this.clock.now();
    const session = { ...given, createdAt: now, lastUsedAt: now, expiresAt: this.after(lifeMs) };
    this.sessions.set(session.id, session);
    this.tokens.set(tokenDigest, { sessionId: session.id, usedAt: null, salt: '', successor: '' });
    return { ...session };
  }

  async find(id: string): Promise<Session | null> {
    const session = this.sessions.get(id);
    return session && session.expiresAt > this.clock.now() ? { ...session } : null;
  }

  async list(userId: string): Promise<Session[]> {
    return [...this.sessions.values()]
      .filter((session) => session.userId === userId && session.expiresAt > this.clock.now())
      .sort((a, b) => b.lastUsedAt.getTime() - a.lastUsedAt.getTime() || (a.id < b.id ? 1 : -1))
      .map((session) => ({ ...session }));
  }

  async rotate(
    tokenDigest: string,
    next: { digest: string; salt: string },
    { lifeMs, graceMs }: { lifeMs: number; graceMs: number },
  ): Promise<Rotation> {
    const token = this.tokens.get(tokenDigest);
    const session = this.sessions.get(token?.sessionId ?? '');
    if (!token || !session || session.expiresAt <= this.clock.now()) return { outcome: 'unknown' };
    if (token.usedAt) {
      const isRecent = token.usedAt > this.after(-graceMs) && !this.tokens.get(token.successor)?.usedAt;
      return isRecent
        ? { outcome: 'repeated', session: { ...session }, salt: token.salt }
        : { outcome: 'reused', session: { ...session } };
    }
    Object.assign(token, { usedAt: this.clock.now(), salt: next.salt, successor: next.digest });
    this.tokens.set(next.digest, { sessionId: session.id, usedAt: null, salt: '', successor: '' });
    Object.assign(session, { lastUsedAt: this.clock.now(), expiresAt: this.after(lifeMs) });
    return { outcome: 'rotated', session: { ...session } };
  }

  async end(id: string, userId: string): Promise<boolean> {
    return (await this.find(id))?.userId === userId && this.sessions.delete(id);
  }

  async endAll(userId: string, exceptId?: string): Promise<void> {
    for (const session of this.sessions.values())
      if (session.userId === userId && session.id !== exceptId) this.sessions.delete(session.id);
  }

  async prune(ageMs: number, after: string | null, limit: number): Promise<PruneStep> {
    const step = pruneSlice(this.sessions, ({ expiresAt }) => expiresAt < this.after(-ageMs), after, limit);
    for (const [digest, { sessionId }] of this.tokens) if (!this.sessions.has(sessionId)) this.tokens.delete(digest);
    return step;
  }

  async pruneTokens(ageMs: number, after: string | null, limit: number): Promise<PruneStep> {
    return pruneSlice(this.tokens, ({ usedAt }) => usedAt !== null && usedAt < this.after(-ageMs), after, limit);
  }

  private after(ms: number): Date {
    return new Date(this.clock.now().getTime() + ms);
  }
}

/** Deletes what is old among the next rows, by key. */
function pruneSlice<Row>(
  rows: Map<string, Row>,
  isOld: (row: Row) => boolean,
  after: string | null,
  limit: number,
): PruneStep {
  const keys = [...rows.keys()]
    .filter((key) => key > (after ?? ''))
    .sort()
    .slice(0, limit);
  const old = keys.filter((key) => isOld(rows.get(key)!));
  for (const key of old) rows.delete(key);
  return { deleted: old.length, next: keys.length === limit ? keys.at(-1)! : null };
}

export class InMemoryApiKeyRepository implements IApiKeyRepository {
  private readonly keys = new Map<string, ApiKey>();

  constructor(private readonly clock: Pick<IClock, 'now'>) {}

  async insert(_tx: Transaction, key: ApiKey): Promise<void> {
    this.keys.set(key.id, structuredClone(key));
  }

  async count(_tx: Transaction, userId: string): Promise<number> {
    return [...this.keys.values()].filter((key) => key.userId === userId).length;
  }

  async find(id: string): Promise<ApiKey | null> {
    return structuredClone(this.keys.get(id) ?? null);
  }

  async list(userId: string, page: PageRequest): Promise<Page<ApiKey>> {
    const own = [...this.keys.values()].filter((key) => key.userId === userId).sort((a, b) => (a.id < b.id ? 1 : -1));
    const from = (page.page - 1) * page.limit;
    return pageOf(structuredClone(own.slice(from, from + page.limit)), own.length, page);
  }

  async delete(id: string, userId: string): Promise<boolean> {
    return this.keys.get(id)?.userId === userId && this.keys.delete(id);
  }

  async touch(id: string): Promise<void> {
    const key = this.keys.get(id);
    if (key) key.lastUsedAt = new Date(Math.floor(this.clock.now().getTime() / 60_000) * 60_000);
  }
}

export class InMemoryInviteRepository implements IInviteRepository {
  private readonly invites = new Map<string, Invite>();

  constructor(private readonly clock: Pick<IClock, 'now'>) {}

  async insert(invite: Invite): Promise<void> {
    this.invites.set(invite.digest, { ...invite });
  }

  async listOpen(page: PageRequest): Promise<Page<OpenInvite>> {
    const open = [...this.invites.values()]
      .filter(({ expiresAt }) => expiresAt > this.clock.now())
      .sort((a, b) => (a.id < b.id ? 1 : -1))
      .map(({ digest: _, ...shown }) => ({ ...shown, createdAt: this.clock.now() }));
    const first = (page.page - 1) * page.limit;
    return pageOf(open.slice(first, first + page.limit), open.length, page);
  }

  async revoke(id: string): Promise<boolean> {
    const found = [...this.invites.values()].find((invite) => invite.id === id && invite.expiresAt > this.clock.now());
    return found !== undefined && this.invites.delete(found.digest);
  }

  async isOpen(digest: string, email: string): Promise<boolean> {
    const invite = this.invites.get(digest);
    return invite !== undefined && invite.expiresAt > this.clock.now() && [null, email].includes(invite.email);
  }

  async take(_tx: Transaction, digest: string, email: string): Promise<boolean> {
    return (await this.isOpen(digest, email)) && this.invites.delete(digest);
  }

  async prune(ageMs: number, after: string | null, limit: number): Promise<PruneStep> {
    const oldest = this.clock.now().getTime() - ageMs;
    return pruneSlice(this.invites, ({ expiresAt }) => expiresAt.getTime() < oldest, after, limit);
  }
}
