import { describe, expect, it } from '@jest/globals';
import type { Principal } from '../../kernel/principal.js';
import { accountServices, ada, nowhere, sessionIdOf } from '../../../test/support/in-memory/account-services.js';

const wrong = { kind: 'forbidden', code: 'WRONG_PASSWORD' };

async function anAccount(settings: Record<string, string> = {}) {
  const services = accountServices(settings);
  const login = await services.auth.register(ada, nowhere);
  const sessionId = sessionIdOf(login);
  const principal: Principal = {
    userId: login.user.id,
    role: 'user',
    via: 'session',
    credentialId: sessionId,
    scopes: null,
  };
  return { ...services, user: login.user, sessionId, principal };
}

describe('AccountsService', () => {
  it('changes the name freely, the e-mail with the password only', async () => {
    const { accounts, user } = await anAccount();
    expect(await accounts.change(user.id, { name: 'Ada King' })).toMatchObject({ name: 'Ada King', email: ada.email });
    expect(await accounts.change(user.id, { email: ' ADA@example.com' })).toMatchObject({ email: ada.email });
    const email = 'King@example.com';
    await expect(accounts.change(user.id, { email })).rejects.toMatchObject(wrong);
    await expect(accounts.change(user.id, { email, currentPassword: 'no' })).rejects.toMatchObject(wrong);
    expect(await accounts.change(user.id, { email, currentPassword: ada.password })).toMatchObject({
      email: 'king@example.com',
    });
  });

  it('changes the password and ends every other login', async () => {
    const { accounts, auth, principals, user, principal, sessionId } = await anAccount();
    const elsewhere = sessionIdOf(await auth.login(ada.email, ada.password, nowhere));
    expect(await principals.ofSession(elsewhere)).not.toBeNull();
    await expect(accounts.changePassword(principal, 'no', 'another horse')).rejects.toMatchObject(wrong);
    await expect(accounts.changePassword(principal, ada.password, 'password1')).rejects.toMatchObject({
      code: 'WEAK_PASSWORD',
      extra: { errors: [{ pointer: '/newPassword' }] },
    });
    await accounts.changePassword(principal, ada.password, 'another horse');
    expect(await principals.ofSession(elsewhere)).toBeNull();
    expect(await principals.ofSession(sessionId)).toMatchObject({ userId: user.id });
    await auth.login(ada.email, 'another horse', nowhere);
  });

  it.each([
    ['true', expect.any(String)],
    ['false', null],
  ])('deletes the person; with history kept: %s', async (kept, heir) => {
    const { accounts, users, released, user, principals, sessionId } = await anAccount({
      KEEP_DELETED_ACCOUNTS_HISTORY: kept,
    });
    await expect(accounts.delete(user.id, 'no')).rejects.toMatchObject(wrong);
    expect(released).toEqual([]);
    await accounts.delete(user.id, ada.password);
    expect(released).toEqual([[user.id, heir]]);
    expect(await users.findById(user.id)).toBeNull();
    expect(await principals.ofSession(sessionId)).toBeNull();
    const left = (await users.list({}, { page: 1, limit: 20 })).data;
    expect(left.map(({ name, isActive }) => ({ name, isActive }))).toEqual(
      heir === null ? [] : [{ name: 'Former user', isActive: false }],
    );
  });

  it('keeps the last admin', async () => {
    const { accounts, users, released, user } = await anAccount();
    users.change(user.id, { role: 'admin' });
    await expect(accounts.delete(user.id, ada.password)).rejects.toMatchObject({ code: 'LAST_ADMIN' });
    expect(released).toEqual([]);
  });
});

describe('UserAdministrationService', () => {
  it('ends the logins of whose rights change, and says so to nobody else', async () => {
    const { administration, principals, user, sessionId } = await anAccount();
    await principals.ofSession(sessionId);
    expect(await administration.setRole(user.id, 'admin')).toMatchObject({ role: 'admin' });
    expect(await principals.ofSession(sessionId)).toBeNull();
  });

  it('lets no last admin step down, however they try', async () => {
    const { administration, auth, user } = await anAccount();
    const other = await auth.register({ ...ada, email: 'grace@example.com' }, nowhere);
    await administration.setRole(user.id, 'admin');
    await expect(administration.setRole(user.id, 'user')).rejects.toMatchObject({ code: 'LAST_ADMIN' });
    await expect(administration.setActive(user.id, false)).rejects.toMatchObject({ code: 'LAST_ADMIN' });
    await administration.setRole(other.user.id, 'admin');
    expect(await administration.setRole(user.id, 'user')).toMatchObject({ role: 'user' });
  });

  it('does not know whom there is not', async () => {
    const { administration } = accountServices();
    await expect(administration.setActive('nobody', false)).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
  });
});
