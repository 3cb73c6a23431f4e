import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp } from '../support/app.js';
import type { TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { documentedRoutes } from '../support/openapi.js';
import { aUser } from '../support/user.js';
import type { TestUser } from '../support/user.js';

const writes = 20;
const registrations = 20;
const settings = {
  LIMIT_LOGINS_PER_ADDRESS: '30',
  LIMIT_WRITES_PER_USER: String(writes),
  LIMIT_REGISTRATIONS_PER_ADDRESS: String(registrations),
  TRUSTED_PROXIES: '127.0.0.1/32',
};

let app: TestApp;
beforeAll(async () => (app = await startApp(settings)));
afterAll(() => app.stop());

const password = 'correct horse battery';
const from = (address: string) => ({ 'x-forwarded-for': address });
const login = (email: string, given: string, address: string, at: TestApp = app) =>
  at.http.post('/auth/login').set(from(address)).send({ email, password: given });

const refusal = {
  ...{ type: 'urn:punctual:problem:rate-limited', status: 429, code: 'RATE_LIMITED' },
  detail: expect.stringMatching(/try again in \d+ s/),
};

describe('logins', () => {
  it('C17 the 11th wrong one to an account is refused, and then the right one too; others still log in', async () => {
    const [user, other] = [await aUser(app), await aUser(app)];
    const spellings = [user.email, ` ${user.email.toUpperCase()} `];
    for (let at = 0; at < 10; at += 1)
      await login(spellings[at % 2] ?? '', 'wrong password', `203.0.113.${at}`).expect(401);
    const answer = await login(user.email, password, '203.0.113.99').expect(429);
    expect(answer.body).toMatchObject(refusal);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(800);
    expect(answer.headers).toMatchObject({
      'ratelimit-policy': '"login-account";q=10;w=900',
      ratelimit: expect.stringMatching(/^"login-account";r=0;t=\d+$/),
    });
    const { 'x-request-id': requestId } = answer.headers;
    const audited = () =>
      app.database.query<object[]>('SELECT action, reason, address, count FROM audit_events WHERE request_id = $1', [
        requestId,
      ]);
    expect(await eventually(audited, ({ length }) => length > 0)).toEqual([
      { action: 'auth.login_refused', reason: 'RATE_LIMITED', address: '203.0.113.99', count: 1 },
    ]);
    await login(other.email, password, '203.0.113.99').expect(200);
  });

  it('C17 the 31st wrong one from an address is refused, whatever the account; other addresses are served', async () => {
    for (let at = 0; at < 30; at += 1) await login(`nobody-${at}@example.com`, 'wrong', '198.51.100.1').expect(401);
    await login('nobody-31@example.com', 'wrong', '198.51.100.1').expect(429);
    await login('nobody-31@example.com', 'wrong', '198.51.100.2').expect(401);
  });

  it('that succeed cost nothing', async () => {
    const user = await aUser(app);
    for (let at = 0; at < 40; at += 1) await login(user.email, password, '198.51.100.3').expect(200);
  });

  it('of which one limit refuses some cost nothing of the other', async () => {
    const user = await aUser(app);
    for (let at = 0; at < 30; at += 1) await login(`other-${at}@example.com`, 'wrong', '198.51.100.7').expect(401);
    for (let at = 0; at < 12; at += 1) await login(user.email, 'wrong', '198.51.100.7').expect(429);
    await login(user.email, password, '198.51.100.8').expect(200);
  });

  it('that cannot be understood cost nothing', async () => {
    const user = await aUser(app);
    for (let at = 0; at < 12; at += 1)
      await app.http.post('/auth/login').send({ email: user.email, password: 7 }).expect(400);
    await login(user.email, password, '198.51.100.9').expect(200);
  });

  it('of one account that are right succeed, also many at once', async () => {
    const user = await aUser(app);
    const answers = await Promise.all(Array.from({ length: 16 }, () => login(user.email, password, '198.51.100.10')));
    expect(answers.map(({ status }) => status)).toEqual(Array(16).fill(200));
  });

  it('at once are not hashed beyond what is allowed', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => login('somebody@example.com', 'wrong', '198.51.100.4')),
    );
    expect(answers.filter(({ status }) => status === 401).length).toBe(10);
    expect(answers.filter(({ status }) => status === 429).length).toBe(30);
  });
});

const passwordFields = ['currentPassword', 'password'];

/** Routes that ask whoever is logged in for the password. */
const routesThatAskForOwnPassword = async () =>
  (await documentedRoutes()).flatMap(({ name, method, path, access, fields }) => {
    const asked = passwordFields.find((field) => field in fields);
    return access !== null && asked !== undefined ? [{ name, method, path, body: fields, asked }] : [];
  });

describe('guesses of the own password', () => {
  it('are limited like logins on every route that asks for it, together, and lock nobody out', async () => {
    const routes = await routesThatAskForOwnPassword();
    expect(routes.map(({ name }) => name).sort()).toEqual([
      ...['DELETE /auth/account', 'PATCH /auth/profile', 'POST /auth/change-password'],
    ]);
    const user = await aUser(app);
    const guess = (at: number) => {
      const { method, path, asked, body } = routes[at % routes.length]!;
      const sent = { ...body, [asked]: `wrong password ${at}` };
      return app.http[method](path).set(from('203.0.113.49')).set('authorization', `Bearer ${user.token}`).send(sent);
    };
    for (let at = 0; at < 10; at += 1) await guess(at).expect(403);
    for (let at = 10; at < 13; at += 1) {
      const { body, headers } = await guess(at).expect(429);
      expect(body).toMatchObject(refusal);
      expect(headers['ratelimit-policy']).toBe('"own-password";q=10;w=900');
    }
    // Who guesses with a token does not keep the owner from logging in.
    await login(user.email, password, '203.0.113.50').expect(200);
  });

  it('that are right cost nothing, nor does a change that needs none', async () => {
    const user = await aUser(app);
    const weak = { currentPassword: password, newPassword: 'password1' };
    for (let at = 0; at < 12; at += 1) await user.post('/auth/change-password', weak).expect(400);
    const names = Array.from({ length: 6 }, (_, at) => user.patch('/auth/profile', { name: `Ada ${at}` }).expect(200));
    await Promise.all(names);
  });
});

describe('registrations', () => {
  it('from one address are limited', async () => {
    const register = (at: number) =>
      app.http
        .post('/auth/register')
        .set(from('198.51.100.9'))
        .send({ email: `new-${at}@example.com`, password, name: 'New' });
    for (let at = 0; at < registrations; at += 1) await register(at).expect(201);
    expect((await register(registrations).expect(429)).body).toMatchObject(refusal);
  });

  it('are counted with changes of the e-mail, which tell the same; a change of the name is none', async () => {
    const [taken, ...askers] = [await aUser(app), await aUser(app), await aUser(app)];
    // By turns, so that neither of the two has used up what it may write.
    const change = (at: number, body: object) =>
      askers[at % 2]!.patch('/auth/profile', body).set(from('198.51.100.20'));
    for (let at = 0; at < 4; at += 1) await change(at, { name: `Ada ${at}` }).expect(200);
    for (let at = 0; at < registrations - 1; at += 1)
      await change(at, { email: taken.email, currentPassword: password }).expect(409);
    await app.http
      .post('/auth/register')
      .set(from('198.51.100.20'))
      .send({ email: taken.email, password, name: 'x' })
      .expect(409);
    const answer = await change(0, { email: 'free@example.com', currentPassword: password }).expect(429);
    expect(answer.headers['ratelimit-policy']).toBe(`"registration";q=${registrations};w=3600`);
    await change(0, { name: 'Ada' }).expect(200);
  });
});

describe('writes', () => {
  const submit = (user: TestUser) => user.post('/jobs', { name: 'x', type: 'one_time' });

  it('G06 of one user are limited in a minute; reads are not, and others are served', async () => {
    const [user, other] = [await aUser(app), await aUser(app)];
    for (let at = 1; at <= writes; at += 1) {
      const { headers } = await submit(user).expect(201);
      expect(headers.ratelimit).toMatch(new RegExp(`^"writes";r=${writes - at};t=\\d+$`));
    }
    const answer = await submit(user).expect(429);
    expect(answer.body).toMatchObject(refusal);
    expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(60);
    const { body } = await user.get('/jobs?limit=1').expect(200);
    expect(body.meta.total).toBe(writes);
    await submit(other).expect(201);
  });
});

// Passport is one for a process: from here on the first application's tokens are not known any more.
describe('X-Forwarded-For', () => {
  it('A33 counts for nothing unless it comes from a trusted proxy', async () => {
    const untrusting = await startApp({ ...settings, TRUSTED_PROXIES: '' });
    try {
      for (let at = 0; at < 30; at += 1)
        await login(`nobody-${at}@example.com`, 'wrong', `192.0.2.${at}`, untrusting).expect(401);
      await login('nobody@example.com', 'wrong', '192.0.2.200', untrusting).expect(429);
    } finally {
      await untrusting.stop();
    }
  });
});

describe('while Redis is away', () => {
  it('each process counts for itself, and nobody waits', async () => {
    const alone = await startApp({ ...settings, REDIS_PORT: '1' });
    try {
      const startedAt = performance.now();
      for (let at = 0; at < 10; at += 1) await login('a@example.com', 'wrong', '203.0.113.1', alone).expect(401);
      await login('a@example.com', 'wrong', '203.0.113.1', alone).expect(429);
      expect(performance.now() - startedAt).toBeLessThan(2_000);
    } finally {
      await alone.stop();
    }
  });
});
