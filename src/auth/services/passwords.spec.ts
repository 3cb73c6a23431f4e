import { describe, expect, it } from '@jest/globals';
import { DomainError } from '../../kernel/errors.js';
import type { User } from '../../users/domain/user.js';
import { accountServices, ada, nowhere } from '../../../test/support/in-memory/account-services.js';

const account = { name: 'login-account', points: 10, windowSeconds: 900 };
const address = { name: 'login-address', points: 100, windowSeconds: 900 };
const own = { name: 'own-password', points: 10, windowSeconds: 900 };
const limited = { kind: 'too_many', code: 'RATE_LIMITED' };
const from = '203.0.113.7';

async function anAccount(settings: Record<string, string> = {}) {
  const services = accountServices(settings);
  const { user } = await services.auth.register(ada, nowhere);
  const { passwords, limiter } = services;
  const login = (password: string, find: () => Promise<User | null> = async () => user) =>
    passwords.checkLogin(ada.email, from, password, find);
  const used = async () => ({
    account: await limiter.used(account, ada.email),
    address: await limiter.used(address, from),
    own: await limiter.used(own, user.id),
  });
  return { ...services, user, login, used };
}

describe('guesses', () => {
  it('of a login count for the account and the address, until one is right', async () => {
    const { login, used, user } = await anAccount();
    for (let at = 0; at < 9; at += 1)
      await expect(login('wrong')).rejects.toMatchObject({
        code: 'INVALID_CREDENTIALS',
        extra: { headers: { ratelimit: `"login-account";r=${9 - at};t=900` } },
      });
    expect(await used()).toEqual({ account: 9, address: 9, own: 0 });
    expect(await login(ada.password)).toEqual(user);
    expect(await used()).toEqual({ account: 0, address: 9, own: 0 });
  });

  it('of a login and of one who is logged in do not stand in the way of each other', async () => {
    const { login, passwords, user } = await anAccount();
    for (let at = 0; at < 10; at += 1) {
      await expect(login('wrong')).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' });
      if (at < 9) await expect(passwords.checkOwn(user, 'wrong')).rejects.toMatchObject({ code: 'WRONG_PASSWORD' });
    }
    await expect(login(ada.password)).rejects.toMatchObject(limited);
    await passwords.checkOwn(user, ada.password);
    for (let at = 0; at < 10; at += 1)
      await expect(passwords.checkOwn(user, 'wrong')).rejects.toMatchObject({ code: 'WRONG_PASSWORD' });
    await expect(passwords.checkOwn(user, ada.password)).rejects.toMatchObject(limited);
  });

  it('that were never compared count nothing', async () => {
    const { login, passwords, used, hasher, user } = await anAccount({ LIMIT_LOGINS_PER_ADDRESS: '12' });
    const busy = new DomainError('unavailable', 'TOO_BUSY', 'later');
    const turn = hasher.inTurn;
    hasher.inTurn = () => Promise.reject(busy);
    await expect(login('wrong')).rejects.toBe(busy);
    await expect(passwords.checkOwn(user, 'wrong')).rejects.toBe(busy);
    hasher.inTurn = turn;
    await expect(passwords.checkOwn(user, undefined)).rejects.toMatchObject({ code: 'WRONG_PASSWORD' });
    const outage = new Error('PostgreSQL has not answered');
    await expect(login('wrong', () => Promise.reject(outage))).rejects.toBe(outage);
    expect(await used()).toEqual({ account: 0, address: 0, own: 0 });
  });

  it('that one limit refuses are not taken of the other', async () => {
    const { login, used } = await anAccount({ LIMIT_LOGINS_PER_ADDRESS: '3' });
    for (let at = 0; at < 5; at += 1)
      await expect(login('wrong')).rejects.toMatchObject({ code: at < 3 ? 'INVALID_CREDENTIALS' : 'RATE_LIMITED' });
    expect(await used()).toEqual({ account: 3, address: 3, own: 0 });
  });

  it('of a disabled account count, right or wrong, and are answered alike', async () => {
    const { login, used, user } = await anAccount();
    const disabled = async () => ({ ...user, isActive: false });
    const answers = await Promise.all(['wrong', ada.password].map((text) => login(text, disabled).catch(String)));
    expect(new Set(answers).size).toBe(1);
    expect((await used()).account).toBe(2);
  });

  it('are not limited by 0', async () => {
    const { login, passwords, user } = await anAccount({
      LIMIT_LOGINS_PER_ACCOUNT: '0',
      LIMIT_LOGINS_PER_ADDRESS: '0',
    });
    for (let at = 0; at < 12; at += 1) {
      await expect(login('wrong')).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS', extra: { headers: {} } });
      await expect(passwords.checkOwn(user, 'wrong')).rejects.toMatchObject({ code: 'WRONG_PASSWORD' });
    }
  });
});
