import { describe, expect, it, jest } from '@jest/globals';
import type { Principal, Scope } from '../../kernel/principal.js';
import { accountServices, ada, nowhere, sessionIdOf } from '../../../test/support/in-memory/account-services.js';
import { maxAgeMs, maxKnown } from '../../kernel/ttl-cache.js';

async function loggedIn() {
  const services = accountServices();
  const login = await services.auth.register(ada, nowhere);
  const principal: Principal = {
    userId: login.user.id,
    role: 'user',
    via: 'session',
    credentialId: sessionIdOf(login),
    scopes: null,
  };
  const wanted = { name: 'Import', scopes: ['jobs:read'] as Scope[], expiresAt: null };
  return { ...services, user: login.user, sessionId: principal.credentialId, principal, wanted };
}

describe('PrincipalsService', () => {
  it('asks the database once for many requests, also at the same time', async () => {
    const { principals, sessionId, sessionStore, principal } = await loggedIn();
    const find = jest.spyOn(sessionStore, 'find');
    expect(await Promise.all([principals.ofSession(sessionId), principals.ofSession(sessionId)])).toEqual([
      principal,
      principal,
    ]);
    expect(await principals.ofSession(sessionId)).toEqual(principal);
    expect(find).toHaveBeenCalledTimes(1);
  });

  it.each(['session', 'api_key'])(
    'notices within five seconds that another process disabled the user: %s',
    async (via) => {
      const { principals, keys, users, user, sessionId, principal, wanted, pass } = await loggedIn();
      const { text } = await keys.create(principal, wanted);
      const ask = () => (via === 'session' ? principals.ofSession(sessionId) : principals.ofApiKey(text));
      expect(await ask()).toMatchObject({ userId: user.id, via });
      users.change(user.id, { isActive: false });
      pass(maxAgeMs);
      expect(await ask()).toBeNull();
    },
  );

  it('does not remember a failure of the database', async () => {
    const { principals, sessionId, sessionStore, principal } = await loggedIn();
    jest.spyOn(sessionStore, 'find').mockRejectedValueOnce(new Error('down'));
    await expect(principals.ofSession(sessionId)).rejects.toThrow('down');
    expect(await principals.ofSession(sessionId)).toEqual(principal);
  });

  it('asks nobody about what is no id', async () => {
    const { principals, sessionStore } = await loggedIn();
    const find = jest.spyOn(sessionStore, 'find');
    expect(await principals.ofSession("' or 1=1 --")).toBeNull();
    expect(find).not.toHaveBeenCalled();
  });

  it('remembers a bounded number, forgetting the oldest first', async () => {
    const { principals, sessionId, sessionStore } = await loggedIn();
    await principals.ofSession(sessionId);
    const nobody = (index: number) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
    for (let index = 1; index < maxKnown; index += 1) await principals.ofSession(nobody(index));
    const find = jest.spyOn(sessionStore, 'find');
    await principals.ofSession(sessionId);
    expect(find).not.toHaveBeenCalled();
    await principals.ofSession(nobody(0));
    await principals.ofSession(sessionId);
    expect(find).toHaveBeenCalledTimes(2);
  });

  it('gives a key its scopes, and nothing to one that is wrong in any way', async () => {
    const { principals, keys, principal, wanted } = await loggedIn();
    const { text, id } = await keys.create(principal, wanted);
    const expected = { ...principal, via: 'api_key', credentialId: id, scopes: ['jobs:read'] };
    expect(await principals.ofApiKey(text)).toEqual(expected);
    const other = text.endsWith('A') ? 'B' : 'A';
    const wrongs = [
      '',
      'pk_',
      text.slice(0, -1),
      text.slice(0, -1) + other,
      text.toUpperCase(),
      ` ${text}`,
      `${text}\n`,
    ];
    for (const wrong of wrongs) expect(await principals.ofApiKey(wrong)).toBeNull();
  });

  it('closes a key the moment it expires, or its owner deletes it', async () => {
    const { principals, keys, principal, wanted, pass } = await loggedIn();
    const short = await keys.create(principal, { ...wanted, expiresAt: new Date('2026-01-02T03:04:06Z') });
    const deleted = await keys.create(principal, wanted);
    for (const { text } of [short, deleted]) expect(await principals.ofApiKey(text)).not.toBeNull();
    pass(1_000);
    await keys.delete(deleted.id, principal.userId);
    for (const { text } of [short, deleted]) expect(await principals.ofApiKey(text)).toBeNull();
  });

  it('notes the use of a key once a minute', async () => {
    const { principals, keys, keyStore, principal, wanted, pass } = await loggedIn();
    const touch = jest.spyOn(keyStore, 'touch');
    const { text } = await keys.create(principal, wanted);
    for (const passed of [0, 1_000, 40_000]) {
      pass(passed);
      await principals.ofApiKey(text);
    }
    expect(touch).toHaveBeenCalledTimes(1);
    pass(60_000);
    await principals.ofApiKey(text);
    expect(touch).toHaveBeenCalledTimes(2);
  });
});

describe('ApiKeysService', () => {
  it('gives no scope that the owner does not have, and no key that has expired already', async () => {
    const { keys, principal, wanted } = await loggedIn();
    const admins: Scope[] = ['admin:read'];
    await expect(keys.create(principal, { ...wanted, scopes: admins })).rejects.toMatchObject({
      kind: 'forbidden',
      extra: { missing: { role: 'admin' } },
    });
    expect((await keys.create({ ...principal, role: 'admin' }, { ...wanted, scopes: admins })).scopes).toEqual(admins);
    const expiresAt = new Date('2026-01-02T03:04:05Z');
    await expect(keys.create(principal, { ...wanted, expiresAt })).rejects.toMatchObject({ kind: 'invalid' });
  });

  it("does not delete somebody else's", async () => {
    const { keys, principal, wanted } = await loggedIn();
    const { id } = await keys.create(principal, wanted);
    await expect(keys.delete(id, 'somebody else')).rejects.toMatchObject({ code: 'API_KEY_NOT_FOUND' });
  });
});
