import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'node:net';
import { startApp } from '../support/app.js';
import type { TestApp } from '../support/app.js';

let app: TestApp;
beforeAll(async () => (app = await startApp()));
afterAll(() => app.stop());

const login = (body: string | Buffer, type = 'application/json') =>
  app.http
    .post('/auth/login')
    .set('content-type', type)
    .serialize((text: unknown) => text as string)
    .send(body as string);

/** Sends bytes as they are and answers all that comes back. */
function exchange(bytes: string): Promise<string> {
  const { port } = new URL(app.url);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('data', (data) => (answer += data.toString()));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
    socket.end(bytes);
  });
}

describe('every error is a problem', () => {
  it('has the members of RFC 9457, a code and the id of the request', async () => {
    const answer = await app.http.get('/nothing/here?token=secret').set('x-request-id', 'my-request.1').expect(404);
    expect(answer.headers).toMatchObject({
      'content-type': expect.stringMatching(/^application\/problem\+json/),
      'x-request-id': 'my-request.1',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expect(JSON.parse(answer.text)).toEqual({
      type: 'urn:punctual:problem:route-not-found',
      title: 'Route not found',
      status: 404,
      detail: expect.any(String),
      instance: '/nothing/here',
      code: 'ROUTE_NOT_FOUND',
      requestId: 'my-request.1',
    });
  });

  it.each([
    ['malformed JSON', '{', 'MALFORMED_JSON', undefined],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff]), 'MALFORMED_JSON', undefined],
    ['a text', '""', 'VALIDATION', ''],
    ['null', 'null', 'VALIDATION', ''],
    ['an array', '[]', 'VALIDATION', ''],
    ['a number', '5', 'VALIDATION', ''],
    ['nothing', '', 'VALIDATION', '/email'],
    ['33 levels', '['.repeat(33) + ']'.repeat(33), 'PAYLOAD_TOO_DEEP', '/0'.repeat(32)],
    ['50,000 levels', '['.repeat(50_000) + ']'.repeat(50_000), 'PAYLOAD_TOO_DEEP', '/0'.repeat(32)],
    ['__proto__', '{"a":{"__proto__":{"isAdmin":true}}}', 'FORBIDDEN_KEY', '/a/__proto__'],
    ['constructor', '{"email":{"constructor":{"prototype":{}}}}', 'FORBIDDEN_KEY', '/email/constructor'],
    ['NUL', '{"email":"a\\u0000"}', 'INVALID_CHARACTER', '/email'],
    ['a lone surrogate', '{"email":"\\ud800"}', 'INVALID_CHARACTER', '/email'],
    ['a number that would change', '{"email":12345678901234567890}', 'INEXACT_NUMBER', '/email'],
    ['an unknown field', '{"email":"a","password":"b","foo":1}', 'VALIDATION', '/foo'],
  ])('answers 400 to %s', async (_, body, code, pointer) => {
    const answer = await login(body).expect(400);
    const problem = JSON.parse(answer.text) as { code: string; errors?: { pointer: string }[] };
    expect(problem.code).toBe(code);
    expect(problem.errors?.[0]?.pointer).toBe(pointer);
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  it.each(['text/plain', 'application/xml', 'multipart/form-data', 'application/json; charset=utf-7'])(
    'answers 415 to %s',
    async (type) => {
      const answer = await login('{}', type).expect(415);
      expect(JSON.parse(answer.text)).toMatchObject({ code: 'UNSUPPORTED_MEDIA_TYPE' });
    },
  );

  it('answers 413 to a body that is too large', async () => {
    const answer = await login(' '.repeat(1_048_577)).expect(413);
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  });

  it('answers 405 with the methods that an address takes', async () => {
    const answer = await app.http.delete('/auth/login').expect(405);
    expect(answer.headers.allow).toBe('POST');
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'METHOD_NOT_ALLOWED' });
  });

  it('does not let a header change the method', async () => {
    await app.http.get('/health/live').set('x-http-method-override', 'DELETE').expect(200);
  });

  it('answers 400 to an address that cannot be read, with the id of the request', async () => {
    const answer = await exchange('GET /%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-request-id: r-9\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toMatch(/application\/problem\+json/);
    expect(answer).toMatch(/"requestId":"r-9"/);
  });

  it.each([
    [
      'both lengths',
      'POST /auth/login HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['no HTTP', 'GARBAGE\r\n\r\n', 400],
    ['too many headers', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
  ])('answers %s with a problem and hangs up', async (_, bytes, status) => {
    const answer = await exchange(bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toMatch(/content-type: application\/problem\+json/);
  });

  it('tells nothing about what it is built with', async () => {
    for (const path of ['/nothing', '/health/ready', '/auth/profile']) {
      const { headers, text } = await app.http.get(path);
      expect(headers).not.toHaveProperty('x-powered-by');
      expect(headers).not.toHaveProperty('server');
      expect(text).not.toMatch(/nest|fastify|typeorm|node_modules|\.js:/i);
    }
  });

  it('serves the files of the documentation page, and none that tell which package they are of', async () => {
    const { text } = await app.http.get('/api').expect(200);
    const files = [...text.matchAll(/(?:href|src)=['"]([^'"]+)['"]/g)].map(([, file = '']) => file.replace('./', '/'));
    expect(files).toHaveLength(6);
    for (const file of files) await app.http.get(file).expect(200);
    const others = ['package.json', 'README.md', 'LICENSE', 'swagger-ui-bundle.js.map', 'swagger-ui.js', 'index.html'];
    for (const path of [
      ...others,
      'nothing',
      'PACKAGE.JSON',
      '%70ackage.json',
      './package.json',
      'swagger-ui.css.map',
    ]) {
      const { body } = await app.http.get(`/api/${path}`).expect(404);
      expect(body).toMatchObject({ code: 'ROUTE_NOT_FOUND' });
    }
  });

  it('makes an id where the one that was sent is not sane', async () => {
    for (const id of ['a b', 'x'.repeat(129), '<script>', ''])
      expect((await app.http.get('/health/live').set('x-request-id', id)).headers['x-request-id']).toMatch(
        /^[0-9a-f-]{36}$/,
      );
  });

  it('is closed to pages of other origins', async () => {
    for (const origin of ['https://evil.example', 'null']) {
      const { headers } = await app.http.get('/health/live').set('origin', origin);
      expect(headers).not.toHaveProperty('access-control-allow-origin');
    }
  });
});

describe('health', () => {
  it('is live without a token', async () => {
    const { body } = await app.http.get('/health/live').expect(200);
    expect(body).toEqual({ status: 'ok', uptimeSeconds: expect.any(Number) });
  });

  it('is ready when PostgreSQL has its migrations', async () => {
    const { body } = await app.http.get('/health/ready').expect(200);
    expect(body).toMatchObject({ status: 'ok', uptimeSeconds: expect.any(Number) });
    expect(body.checks).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'postgresql', status: 'up', latencyMs: expect.any(Number) }),
        expect.objectContaining({ name: 'migrations', status: 'up' }),
      ]),
    );
  });
});
