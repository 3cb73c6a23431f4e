import { describe, expect, it } from '@jest/globals';
import { accountServices, ada, nowhere, sessionIdOf } from '../../../test/support/in-memory/account-services.js';

const refused = {
  kind: 'unauthenticated',
  code: 'INVALID_CREDENTIALS',
  message: 'The e-mail or the password is not right.',
};

describe('AuthService', () => {
  it('registers an active user under the canonical e-mail, with tokens', async () => {
    const { auth, users } = accountServices();
    const login = await auth.register({ ...ada, email: ' Ada@Example.com' }, nowhere);
    expect(login).toEqual({
      sessionId: sessionIdOf(login),
      user: {
        id: expect.any(String),
        email: 'ada@example.com',
        name: 'Ada',
        passwordHash: '12: correct horse',
        role: 'user',
        isActive: true,
        createdAt: new Date('2026-01-02T03:04:05Z'),
        updatedAt: new Date('2026-01-02T03:04:05Z'),
      },
      accessToken: expect.stringContaining(login.user.id),
      refreshToken: expect.stringMatching(/^rt_[\w-]{43}$/),
      expiresIn: 900,
    });
    expect(await users.findById(login.user.id)).toEqual(login.user);
  });

  it('registers an e-mail once, however it is written', async () => {
    const { auth } = accountServices();
    await auth.register(ada, nowhere);
    await expect(auth.register({ ...ada, email: 'ADA@EXAMPLE.COM' }, nowhere)).rejects.toMatchObject({
      code: 'EMAIL_TAKEN',
    });
  });

  it('refuses a weak password', async () => {
    const { auth } = accountServices();
    await expect(auth.register({ ...ada, password: 'Passw0rd!' }, nowhere)).rejects.toMatchObject({
      code: 'WEAK_PASSWORD',
      extra: { errors: [{ pointer: '/password' }] },
    });
  });

  it('logs in with the e-mail in any writing', async () => {
    const { auth } = accountServices();
    const { user } = await auth.register(ada, nowhere);
    expect(await auth.login('ADA@example.com ', ada.password, nowhere)).toMatchObject({ user });
  });

  it('refuses a wrong password, an unknown e-mail and a disabled account alike, each after one comparison', async () => {
    const { auth, users, hasher } = accountServices();
    const { user } = await auth.register(ada, nowhere);
    await expect(auth.login(ada.email, 'wrong', nowhere)).rejects.toMatchObject(refused);
    await expect(auth.login('nobody@example.com', ada.password, nowhere)).rejects.toMatchObject(refused);
    users.change(user.id, { isActive: false });
    await expect(auth.login(ada.email, ada.password, nowhere)).rejects.toMatchObject(refused);
    expect(hasher.verified).toBe(3);
  });

  it('hashes a password again at login once the cost has been raised', async () => {
    const { auth, users, hasher } = accountServices();
    const { user } = await auth.register(ada, nowhere);
    hasher.cost = 13;
    await auth.login(ada.email, ada.password, nowhere);
    expect((await users.findById(user.id))?.passwordHash).toBe('13: correct horse');
  });

  it('registers nobody where it is closed', async () => {
    const { auth } = accountServices({ REGISTRATION: 'closed' });
    await expect(auth.register(ada, nowhere)).rejects.toMatchObject({ kind: 'forbidden', code: 'REGISTRATION_CLOSED' });
  });

  it('registers whom an invite names, once, before it expires', async () => {
    const { auth, invites, pass } = accountServices({ REGISTRATION: 'invite' });
    const required = { kind: 'forbidden', code: 'INVITE_REQUIRED' };
    await expect(auth.register(ada, nowhere)).rejects.toMatchObject(required);
    const { token } = await invites.create('an admin', 'ADA@example.com', 1);
    const eve = { ...ada, email: 'eve@example.com', invite: token };
    await expect(auth.register(eve, nowhere)).rejects.toMatchObject(required);
    await auth.register({ ...ada, invite: token }, nowhere);
    await expect(auth.register({ ...eve, email: ada.email }, nowhere)).rejects.toMatchObject(required);
    const late = await invites.create('an admin', null, 1);
    pass(3_600_000);
    await expect(auth.register({ ...eve, invite: late.token }, nowhere)).rejects.toMatchObject(required);
  });
});
