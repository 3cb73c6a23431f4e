import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { JwtService } from '@nestjs/jwt';
import type { JwtSignOptions } from '@nestjs/jwt';
import { signingKeys } from '../../src/auth/adapters/access-tokens.js';
import { newId } from '../../src/kernel/ids.js';
import { startApp } from '../support/app.js';
import type { TestApp } from '../support/app.js';

let app: TestApp;
beforeAll(async () => (app = await startApp()));
afterAll(() => app.stop());

let serial = 0;
const aPerson = (given: object = {}) => ({
  email: `ada-${(serial += 1)}@example.com`,
  password: 'correct horse battery',
  name: 'Ada Lovelace',
  ...given,
});

const register = (body: object) => app.http.post('/auth/register').send(body);
const login = ({ email, password }: { email: string; password: string }) =>
  app.http.post('/auth/login').send({ email, password });
const profile = (token: string) => app.http.get('/auth/profile').set('authorization', `Bearer ${token}`);

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe('POST /auth/register', () => {
  it('answers 201 with the user and a token that works, and never the password', async () => {
    const person = aPerson();
    const { body, text } = await register(person).expect(201);
    expect(body).toEqual({
      user: {
        id: expect.any(String),
        email: person.email,
        name: person.name,
        role: 'user',
        isActive: true,
        createdAt: expect.stringMatching(isoTime),
        updatedAt: expect.stringMatching(isoTime),
      },
      access_token: expect.any(String),
      refresh_token: expect.stringMatching(/^rt_[\w-]{43}$/),
      expires_in: 900,
    });
    expect(text).not.toMatch(/password|\$2b\$/i);
    expect((await profile(body.access_token).expect(200)).body).toEqual(body.user);
  });

  it('knows one address in any writing', async () => {
    const person = aPerson();
    await register({ ...person, email: `  ${person.email.toUpperCase()} ` }).expect(201);
    const { body } = await register(person).expect(409);
    expect(body).toMatchObject({ code: 'EMAIL_TAKEN', type: 'urn:punctual:problem:email-taken' });
    await login(person).expect(200);
  });

  it('lets exactly one of many register who come at once', async () => {
    const person = aPerson();
    const answers = await Promise.all(Array.from({ length: 10 }, () => register(person)));
    const statuses = answers.map((answer) => answer.status).sort();
    expect(statuses).toEqual([201, ...Array<number>(9).fill(409)]);
  });

  it.each([
    ['email', 'nobody'],
    ['email', 'a@x.com\r\nBcc: b@y.com'],
    ['email', '"a\r\nb"@x.com'],
    ['email', 5],
    ['email', undefined],
    ['password', 'short'],
    ['password', 'a'.repeat(73)],
    ['password', '🐢'.repeat(19)],
    ['password', 12345678],
    ['password', undefined],
    ['name', ''],
    ['name', '   '],
    ['name', 'x'.repeat(101)],
    ['name', ['Ada']],
    ['role', 'admin'],
    ['isActive', true],
    ['id', newId()],
  ])('refuses %s %p', async (field, value) => {
    const { body } = await register(aPerson({ [field]: value })).expect(400);
    expect(body.code).toBe('VALIDATION');
    expect(body.errors.map((error: { pointer: string }) => error.pointer)).toEqual([`/${field}`]);
  });
});

describe('POST /auth/login', () => {
  it('answers 200 with the user and a token', async () => {
    const person = aPerson();
    const registered = await register(person).expect(201);
    const { body } = await login(person).expect(200);
    expect(body.user).toEqual(registered.body.user);
    await profile(body.access_token).expect(200);
  });

  it('answers 401 with one body for a wrong password and an unknown e-mail', async () => {
    const person = aPerson();
    await register(person).expect(201);
    const wrong = await login({ email: person.email, password: 'wrong password' }).expect(401);
    const unknown = await login({ email: 'nobody@example.com', password: 'wrong password' }).expect(401);
    const { requestId: _, ...body } = wrong.body;
    expect(unknown.body).toMatchObject(body);
    expect(body).toMatchObject({ code: 'INVALID_CREDENTIALS' });
    expect(wrong.headers['www-authenticate']).toBe('Bearer');
  });

  it('refuses a disabled account like a wrong password, and its tokens soon after', async () => {
    const person = aPerson();
    const { body } = await register(person).expect(201);
    await app.database.query('UPDATE users SET is_active = false WHERE id = $1', [body.user.id]);
    await login(person).expect(401);
    await profile(body.access_token).expect(401);
  });
});

describe('tokens', () => {
  const kid = () => signingKeys(app.config)[0].id;
  const claims = (given: object = {}) => ({ iss: 'punctual', aud: 'punctual', jti: newId(), ...given });
  const sign = (payload: object, options: JwtSignOptions = { expiresIn: 60 }) =>
    new JwtService().sign(payload, {
      secret: app.config.auth.jwtSecret,
      ...options,
      header: { alg: options.algorithm ?? 'HS256', typ: 'at+jwt', kid: kid(), ...options.header },
    });
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const decode = (token: string): Login =>
    JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Login;

  /** The subject and the session of somebody who is logged in. */
  interface Login {
    sub: string;
    sid: string;
  }
  async function aLogin(): Promise<Login> {
    const { sub, sid } = decode((await register(aPerson()).expect(201)).body.access_token as string);
    return { sub, sid };
  }

  it('accepts its own kind', async () => {
    await profile(sign(claims(await aLogin()))).expect(200);
  });

  it.each<[string, (login: Login) => string]>([
    ['nothing', () => ''],
    ['no JWT', () => 'abc'],
    ['one of 8 kB', () => 'a'.repeat(8_000)],
    [
      'another secret',
      (login) => sign(claims(login), { expiresIn: 60, secret: 'another-secret-0123456789-0123456789' }),
    ],
    ['another algorithm', (login) => sign(claims(login), { expiresIn: 60, algorithm: 'HS512' })],
    ['another type', (login) => sign(claims(login), { expiresIn: 60, header: { alg: 'HS256', typ: 'JWT' } })],
    [
      'a header that must be understood',
      (login) => sign(claims(login), { expiresIn: 60, header: { alg: 'HS256', crit: ['exp'] } }),
    ],
    ['an unknown key', (login) => sign(claims(login), { expiresIn: 60, header: { alg: 'HS256', kid: 'x' } })],
    ['no id of its own', (login) => sign(claims({ ...login, jti: undefined }))],
    ['no session', ({ sub }) => sign(claims({ sub }))],
    ['another session', ({ sub }) => sign(claims({ sub, sid: newId() }))],
    ["somebody else's session", ({ sid }) => sign(claims({ sub: newId(), sid }))],
    ['another issuer', (login) => sign(claims({ ...login, iss: 'somebody' }))],
    ['another audience', (login) => sign(claims({ ...login, aud: 'something' }))],
    ['a user that is no UUID', ({ sid }) => sign(claims({ sub: "' or 1=1 --", sid }))],
    ['no user', ({ sid }) => sign(claims({ sid }))],
    ['a session that is no UUID', ({ sub }) => sign(claims({ sub, sid: "' or 1=1 --" }))],
    ['a start in the future', (login) => sign(claims(login), { expiresIn: 120, notBefore: 60 })],
    ['no expiry', (login) => sign(claims(login), {})],
    ...['none', 'None', 'nOnE'].map((alg): [string, (login: Login) => string] => [
      `alg ${alg}`,
      (login) => `${encode({ alg, typ: 'at+jwt', kid: kid() })}.${encode(claims({ ...login, exp: 9_999_999_999 }))}.`,
    ]),
    [
      'another payload',
      (login) => {
        const [header, , signature] = sign(claims(login)).split('.');
        return `${header}.${encode(claims({ ...login, exp: 9_999_999_999 }))}.${signature}`;
      },
    ],
    [
      'a key of its own',
      (login) =>
        sign(claims(login), {
          expiresIn: 60,
          secret: 'own-key-0123456789-0123456789-0123',
          header: { alg: 'HS256', kid: '../../dev/null' },
        }),
    ],
  ])('refuses a token with %s', async (_, make) => {
    const { body, headers } = await profile(make(await aLogin())).expect(401);
    expect(body).toMatchObject({ code: 'UNAUTHENTICATED', status: 401 });
    expect(headers['www-authenticate']).toBe('Bearer');
  });

  it.each<[string, object, JwtSignOptions]>([
    ['its own time is over', {}, { expiresIn: -1 }],
    ['it is older than any token may get', { iat: 1_000_000_000 }, { expiresIn: '100y' }],
  ])('says that a token has expired when %s', async (_, given, options) => {
    const { body } = await profile(sign(claims({ ...(await aLogin()), ...given }), options)).expect(401);
    expect(body.code).toBe('TOKEN_EXPIRED');
  });

  it('reads no token from the address', async () => {
    const token = sign(claims(await aLogin()));
    await app.http.get(`/auth/profile?access_token=${token}`).expect(401);
  });
});
