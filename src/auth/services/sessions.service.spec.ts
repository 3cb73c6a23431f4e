import { describe, expect, it } from '@jest/globals';
import { accountServices, ada, nowhere, sessionIdOf } from '../../../test/support/in-memory/account-services.js';

const reused = { kind: 'unauthenticated', code: 'REFRESH_TOKEN_REUSED' };
const invalid = { kind: 'unauthenticated', code: 'INVALID_REFRESH_TOKEN' };

async function loggedIn() {
  const services = accountServices();
  return { ...services, login: await services.auth.register(ada, nowhere) };
}

describe('SessionsService', () => {
  it('refreshes to new tokens of the same session', async () => {
    const { sessions, login } = await loggedIn();
    const next = await sessions.refresh(login.refreshToken);
    expect(next).toMatchObject({ user: login.user, accessToken: login.accessToken, expiresIn: 900 });
    expect(next.refreshToken).not.toBe(login.refreshToken);
  });

  it('answers many who ask at once with one and the same successor, which works', async () => {
    const { sessions, login } = await loggedIn();
    const answers = await Promise.all(Array.from({ length: 20 }, () => sessions.refresh(login.refreshToken)));
    const successors = new Set(answers.map(({ refreshToken }) => refreshToken));
    expect(successors.size).toBe(1);
    await sessions.refresh([...successors][0] ?? '');
  });

  it('ends the session when a token comes again after its grace, and the successor with it', async () => {
    const { sessions, login, pass, principals } = await loggedIn();
    const { refreshToken } = await sessions.refresh(login.refreshToken);
    pass(20_000);
    await expect(sessions.refresh(login.refreshToken)).rejects.toMatchObject(reused);
    await expect(sessions.refresh(refreshToken)).rejects.toMatchObject(invalid);
    expect(await principals.ofSession(sessionIdOf(login))).toBeNull();
  });

  it('refuses what it never gave, what has expired, and whoever was disabled', async () => {
    const { sessions, auth, users, login, pass } = await loggedIn();
    await expect(sessions.refresh('rt_never')).rejects.toMatchObject(invalid);
    users.change(login.user.id, { isActive: false });
    await expect(sessions.refresh(login.refreshToken)).rejects.toMatchObject(invalid);
    users.change(login.user.id, { isActive: true });
    const later = await auth.login(ada.email, ada.password, nowhere);
    pass(30 * 86_400_000);
    await expect(sessions.refresh(later.refreshToken)).rejects.toMatchObject(invalid);
  });

  it("ends a session at once, and nobody else's", async () => {
    const { sessions, principals, login } = await loggedIn();
    const id = sessionIdOf(login);
    expect(await principals.ofSession(id)).not.toBeNull();
    await expect(sessions.end(id, 'somebody else')).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' });
    await sessions.end(id, login.user.id);
    expect(await principals.ofSession(id)).toBeNull();
  });
});
