import { describe, expect, it } from '@jest/globals';
import type { ApiKey } from '../../src/auth/domain/api-key.js';
import { digestOf, newSecret, newToken } from '../../src/auth/domain/secret-token.js';
import type { IApiKeyRepository } from '../../src/auth/interfaces/api-key-repository.js';
import type { IInviteRepository } from '../../src/auth/interfaces/invite-repository.js';
import type { ISessionRepository } from '../../src/auth/interfaces/session-repository.js';
import { newId } from '../../src/kernel/ids.js';
import type { ITransactionRunner } from '../../src/kernel/transaction.js';
import { wholePass } from '../support/whole-pass.js';

/** The stores of accounts, and users whom they may belong to. */
export interface AccountGround {
  sessions: ISessionRepository;
  apiKeys: IApiKeyRepository;
  invites: IInviteRepository;
  transactions: ITransactionRunner;
  aUserId(): Promise<string>;
}

const limits = { lifeMs: 60_000, most: 100 };
const patient = { lifeMs: 60_000, graceMs: 60_000 };
const strict = { lifeMs: 60_000, graceMs: 0 };
const aNext = () => ({ digest: digestOf(newToken('rt')), salt: newSecret() });

async function aSession(ground: AccountGround, given: { userId?: string; lifeMs?: number } = {}) {
  const token = digestOf(newToken('rt'));
  const userId = given.userId ?? (await ground.aUserId());
  const client = { address: '203.0.113.7', userAgent: null };
  const life = { ...limits, lifeMs: given.lifeMs ?? limits.lifeMs };
  const session = await ground.sessions.open({ id: newId(), userId, ...client }, token, life);
  return { token, session };
}

export function sessionRepositoryContract(name: string, open: () => Promise<AccountGround>): void {
  describe(`${name} as ISessionRepository`, () => {
    it('gives back what was opened', async () => {
      const ground = await open();
      const { session } = await aSession(ground);
      expect(session).toMatchObject({ address: '203.0.113.7', userAgent: null });
      expect(session.expiresAt.getTime() - session.lastUsedAt.getTime()).toBeCloseTo(limits.lifeMs, -2);
      expect(await ground.sessions.find(session.id)).toEqual(session);
      expect(await ground.sessions.list(session.userId)).toEqual([session]);
      expect(await ground.sessions.find(newId())).toBeNull();
    });

    it('knows nothing of an expired session', async () => {
      const ground = await open();
      const { session, token } = await aSession(ground, { lifeMs: 0 });
      expect(await ground.sessions.find(session.id)).toBeNull();
      expect(await ground.sessions.list(session.userId)).toEqual([]);
      expect(await ground.sessions.rotate(token, aNext(), patient)).toEqual({ outcome: 'unknown' });
      expect(await ground.sessions.end(session.id, session.userId)).toBe(false);
    });

    it('rotates a token once, however many present it at once; the others learn how to find its successor', async () => {
      const ground = await open();
      const { session, token } = await aSession(ground);
      const nexts = Array.from({ length: 20 }, aNext);
      const rotations = await Promise.all(nexts.map((next) => ground.sessions.rotate(token, next, patient)));
      const winners = nexts.filter((_, index) => rotations[index]?.outcome === 'rotated');
      expect(winners).toHaveLength(1);
      const repeated = rotations.filter((rotation) => rotation.outcome === 'repeated');
      expect(repeated).toHaveLength(19);
      for (const { salt } of repeated) expect(salt).toBe(winners[0]?.salt);
      for (const { digest } of nexts) {
        const outcome = digest === winners[0]?.digest ? 'rotated' : 'unknown';
        expect(await ground.sessions.rotate(digest, aNext(), patient)).toMatchObject({ outcome });
      }
      expect(await ground.sessions.find(session.id)).not.toBeNull();
    });

    it('tells a token that was used before from one that is unknown', async () => {
      const ground = await open();
      const { session, token } = await aSession(ground);
      const next = aNext();
      expect(await ground.sessions.rotate(token, next, strict)).toMatchObject({ outcome: 'rotated' });
      expect(await ground.sessions.rotate(token, aNext(), strict)).toMatchObject({
        outcome: 'reused',
        session: { id: session.id, userId: session.userId },
      });
      expect(await ground.sessions.rotate(digestOf('rt_never'), aNext(), strict)).toEqual({ outcome: 'unknown' });
    });

    it('takes a repetition for theft once the successor has been used', async () => {
      const ground = await open();
      const { token } = await aSession(ground);
      const next = aNext();
      await ground.sessions.rotate(token, next, patient);
      await ground.sessions.rotate(next.digest, aNext(), patient);
      expect(await ground.sessions.rotate(token, aNext(), patient)).toMatchObject({ outcome: 'reused' });
    });

    it("ends one session, all, or all but one; never somebody else's", async () => {
      const ground = await open();
      const userId = await ground.aUserId();
      const [one, two, three] = [
        await aSession(ground, { userId }),
        await aSession(ground, { userId }),
        await aSession(ground, { userId }),
      ];
      const other = await aSession(ground);
      expect(await ground.sessions.end(other.session.id, userId)).toBe(false);
      expect(await ground.sessions.end(one.session.id, userId)).toBe(true);
      expect(await ground.sessions.rotate(one.token, aNext(), patient)).toEqual({ outcome: 'unknown' });
      await ground.sessions.endAll(userId, two.session.id);
      expect((await ground.sessions.list(userId)).map(({ id }) => id)).toEqual([two.session.id]);
      await ground.sessions.endAll(userId);
      expect(await ground.sessions.find(three.session.id)).toBeNull();
      expect(await ground.sessions.find(other.session.id)).not.toBeNull();
    });

    it('forgets sessions that expired long enough ago, with their tokens, in small steps', async () => {
      const ground = await open();
      const expired = await Promise.all([1, 2, 3].map(() => aSession(ground, { lifeMs: -1_000 })));
      const living = await aSession(ground);
      const prune = (ageMs: number) => wholePass((after) => ground.sessions.prune(ageMs, after, 2));
      await prune(600_000);
      const young = await aSession(ground, { lifeMs: -1_000 });
      expect(await prune(900)).toBeGreaterThanOrEqual(4);
      expect(await prune(900)).toBe(0);
      for (const { token } of [...expired, young])
        expect(await ground.sessions.rotate(token, aNext(), patient)).toEqual({ outcome: 'unknown' });
      expect(await ground.sessions.rotate(living.token, aNext(), patient)).toMatchObject({ outcome: 'rotated' });
    });

    it('forgets refresh tokens that were used long enough ago, never the one that works', async () => {
      const ground = await open();
      const { token } = await aSession(ground);
      const next = aNext();
      await ground.sessions.rotate(token, next, strict);
      const prune = (ageMs: number) => wholePass((after) => ground.sessions.pruneTokens(ageMs, after, 2));
      await prune(600_000);
      expect(await ground.sessions.rotate(token, aNext(), strict)).toMatchObject({ outcome: 'reused' });
      expect(await prune(-1_000)).toBeGreaterThanOrEqual(1);
      expect(await ground.sessions.rotate(token, aNext(), strict)).toEqual({ outcome: 'unknown' });
      expect(await ground.sessions.rotate(next.digest, aNext(), strict)).toMatchObject({ outcome: 'rotated' });
    });

    it('keeps the number of open sessions bounded, dropping the one unused for longest', async () => {
      const ground = await open();
      const userId = await ground.aUserId();
      const ids: string[] = [];
      for (let count = 0; count < 4; count += 1) {
        const client = { address: null, userAgent: null };
        const token = digestOf(newToken('rt'));
        ids.push((await ground.sessions.open({ id: newId(), userId, ...client }, token, { ...limits, most: 3 })).id);
      }
      expect((await ground.sessions.list(userId)).map(({ id }) => id).sort()).toEqual(ids.slice(1).sort());
    });
  });
}

export function apiKeyRepositoryContract(name: string, open: () => Promise<AccountGround>): void {
  const aKey = (userId: string): ApiKey => ({
    id: newId(),
    userId,
    name: 'Nightly import',
    scopes: ['jobs:read', 'runs:write'],
    digest: digestOf(newSecret()),
    hint: 'abcd',
    expiresAt: new Date('2036-01-01T00:00:00Z'),
    lastUsedAt: null,
    createdAt: new Date('2026-01-02T03:04:05.678Z'),
  });

  describe(`${name} as IApiKeyRepository`, () => {
    it('gives back what was added, each field unchanged', async () => {
      const { apiKeys, transactions, aUserId } = await open();
      const userId = await aUserId();
      const [older, newer] = [aKey(userId), { ...aKey(userId), expiresAt: null }];
      await transactions.run(async (tx) => {
        for (const key of [older, newer]) await apiKeys.insert(tx, key);
        expect(await apiKeys.count(tx, userId)).toBe(2);
      });
      expect(await apiKeys.find(older.id)).toEqual(older);
      const page = (number: number) => apiKeys.list(userId, { page: number, limit: 1 });
      expect([await page(1), await page(2)]).toMatchObject([{ data: [newer] }, { data: [older], meta: { total: 2 } }]);
      expect(await apiKeys.find(newId())).toBeNull();
    });

    it('deletes for the owner only', async () => {
      const { apiKeys, transactions, aUserId } = await open();
      const key = aKey(await aUserId());
      await transactions.run((tx) => apiKeys.insert(tx, key));
      expect(await apiKeys.delete(key.id, await aUserId())).toBe(false);
      expect(await apiKeys.delete(key.id, key.userId)).toBe(true);
      expect(await apiKeys.find(key.id)).toBeNull();
    });

    it('notes the minute of the last use', async () => {
      const { apiKeys, transactions, aUserId } = await open();
      const key = aKey(await aUserId());
      await transactions.run((tx) => apiKeys.insert(tx, key));
      await apiKeys.touch(key.id);
      const { lastUsedAt } = (await apiKeys.find(key.id)) ?? {};
      expect(lastUsedAt?.toISOString()).toMatch(/:00\.000Z$/);
    });
  });
}

export function inviteRepositoryContract(name: string, open: () => Promise<AccountGround>): void {
  const anInvite = (createdBy: string, given: { email?: string; expiresAt?: Date } = {}) => ({
    id: newId(),
    digest: digestOf(newToken('iv')),
    email: null,
    createdBy,
    expiresAt: new Date('2100-01-01T00:00:00Z'),
    ...given,
  });

  describe(`${name} as IInviteRepository`, () => {
    it('lets exactly one of many use an invite up', async () => {
      const { invites, transactions, aUserId } = await open();
      const userId = await aUserId();
      const invite = anInvite(userId);
      const { digest } = invite;
      await invites.insert(invite);
      expect(await invites.isOpen(digest, 'ada@example.com')).toBe(true);
      const takes = Array.from({ length: 8 }, () =>
        transactions.run((tx) => invites.take(tx, digest, 'ada@example.com', userId)),
      );
      expect((await Promise.all(takes)).filter(Boolean)).toHaveLength(1);
      expect(await invites.isOpen(digest, 'ada@example.com')).toBe(false);
    });

    it('forgets invites that expired long enough ago', async () => {
      const { invites, aUserId } = await open();
      const userId = await aUserId();
      const closed = anInvite(userId, { expiresAt: new Date('2000-01-01T00:00:00Z') });
      const current = anInvite(userId);
      await invites.insert(closed);
      await invites.insert(current);
      const thirtyYearsMs = 30 * 365 * 86_400_000;
      expect(await wholePass((after) => invites.prune(thirtyYearsMs, after, 2))).toBe(0);
      expect(await wholePass((after) => invites.prune(86_400_000, after, 2))).toBeGreaterThanOrEqual(1);
      expect(await invites.isOpen(current.digest, 'ada@example.com')).toBe(true);
      expect(await wholePass((after) => invites.prune(86_400_000, after, 2))).toBe(0);
    });

    it('lists those that are open, newest first and without their digests', async () => {
      const { invites, transactions, aUserId } = await open();
      const userId = await aUserId();
      const [used, first, second] = [
        anInvite(userId),
        anInvite(userId, { email: 'ada@example.com' }),
        anInvite(userId),
      ];
      const expired = anInvite(userId, { expiresAt: new Date('2000-01-01T00:00:00Z') });
      for (const invite of [used, first, expired, second]) await invites.insert(invite);
      await transactions.run((tx) => invites.take(tx, used.digest, 'eve@example.com', userId));
      const { data } = await invites.listOpen({ page: 1, limit: 100 });
      const mine = data.filter(({ createdBy }) => createdBy === userId);
      const shown = ({ digest: _, ...rest }: ReturnType<typeof anInvite>) => ({ ...rest, createdAt: expect.any(Date) });
      expect(mine).toEqual([shown(second), shown(first)]);
      const { data: page, meta } = await invites.listOpen({ page: 1, limit: 1 });
      expect(page).toHaveLength(1);
      expect(meta.total).toBeGreaterThanOrEqual(2);
    });

    it('is revoked once, and is not open after it', async () => {
      const { invites, transactions, aUserId } = await open();
      const invite = anInvite(await aUserId());
      await invites.insert(invite);
      const revoked = await Promise.all([1, 2, 3].map(() => invites.revoke(invite.id)));
      expect(revoked.filter(Boolean)).toHaveLength(1);
      expect(await invites.isOpen(invite.digest, 'ada@example.com')).toBe(false);
      const used = anInvite(await aUserId());
      await invites.insert(used);
      await transactions.run((tx) => invites.take(tx, used.digest, 'ada@example.com', used.createdBy));
      expect(await invites.revoke(used.id)).toBe(false);
    });

    it('is open to the e-mail that it names, until it expires', async () => {
      const { invites, aUserId } = await open();
      const userId = await aUserId();
      const named = anInvite(userId, { email: 'ada@example.com' });
      const expired = anInvite(userId, { expiresAt: new Date('2000-01-01T00:00:00Z') });
      await invites.insert(named);
      await invites.insert(expired);
      expect(await invites.isOpen(named.digest, 'ada@example.com')).toBe(true);
      expect(await invites.isOpen(named.digest, 'eve@example.com')).toBe(false);
      expect(await invites.isOpen(expired.digest, 'ada@example.com')).toBe(false);
      expect(await invites.isOpen(digestOf('iv_never'), 'ada@example.com')).toBe(false);
    });
  });
}
