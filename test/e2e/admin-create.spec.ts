import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startApp } from '../support/app.js';
import type { TestApp } from '../support/app.js';
import { aUser, password } from '../support/user.js';

let app: TestApp;
beforeAll(async () => (app = await startApp()));
afterAll(() => app.stop());

const createAdmin = (settings: Record<string, string>) =>
  promisify(execFile)(process.execPath, ['dist/commands/create-admin.js'], {
    env: { PATH: process.env.PATH, ...app.environment, ...settings },
  });

describe('dist/commands/create-admin.js', () => {
  it('makes an admin who can log in', async () => {
    const settings = { ADMIN_EMAIL: ' Root@example.com', ADMIN_PASSWORD: password };
    expect((await createAdmin(settings)).stdout).toBe('root@example.com is an admin now.\n');
    const { body } = await app.http.post('/auth/login').send({ email: 'root@example.com', password }).expect(200);
    expect(body.user.role).toBe('admin');
    await app.http.get('/admin/users').set('authorization', `Bearer ${body.access_token}`).expect(200);
  });

  it('makes somebody who has an account an admin, with the password they have', async () => {
    const user = await aUser(app);
    const { stdout } = await createAdmin({ ADMIN_EMAIL: user.email, ADMIN_PASSWORD: 'another one altogether' });
    expect(stdout).toContain('the password stays as it was');
    const { body } = await app.http.post('/auth/login').send({ email: user.email, password }).expect(200);
    expect(body.user.role).toBe('admin');
    const audited = `SELECT credential, before_digest <> after_digest AS changed FROM audit_events
      WHERE action = 'user.made_admin' AND target_id = $1`;
    expect(await app.database.query(audited, [user.id])).toEqual([{ credential: 'none', changed: true }]);
  });

  it.each([
    ['no e-mail', { ADMIN_PASSWORD: password }, 'ADMIN_EMAIL must be an e-mail address.'],
    ['no password', { ADMIN_EMAIL: 'eve@example.com' }, 'ADMIN_PASSWORD must have at least 8 characters.'],
    ['a weak password', { ADMIN_EMAIL: 'eve@example.com', ADMIN_PASSWORD: 'admin123' }, 'choose another'],
  ])('makes nobody with %s', async (_, settings, reason) => {
    await expect(createAdmin(settings)).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining(reason) });
    expect(await app.database.query(`SELECT FROM users WHERE email LIKE 'eve@%'`)).toEqual([]);
  });
});
