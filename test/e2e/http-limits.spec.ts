import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ProductProcess } from '../support/processes.js';
import { startServices } from '../support/services.js';
import type { Services } from '../support/services.js';

const limits = {
  HTTP_MAX_URL_LENGTH: '1000',
  HTTP_MAX_HEADER_BYTES: '8192',
  HTTP_MAX_HEADERS: '30',
  HTTP_REQUEST_TIMEOUT_MS: '2000',
  HTTP_MAX_CONNECTIONS: '250',
};
/** The look-out for late requests comes five times in the time that they have. */
const closedWithinMs = 10_000;

let services: Services;
let product: ProductProcess;
beforeAll(async () => {
  services = await startServices();
  product = await ProductProcess.start({ ...services.environment, ...limits, ROLES: 'api' });
});
afterAll(async () => {
  await product.end();
  await services.drop();
});

const open = (): Socket => connect(Number(new URL(product.url).port), '127.0.0.1').on('error', () => undefined);

/** All that comes back on a connection until the server closes it. @param drip sent bit by bit for as long as it is open */
async function closing(first: string, drip = ''): Promise<{ text: string; ms: number }> {
  const startedAt = performance.now();
  const socket = open();
  let text = '';
  socket.on('data', (data) => (text += data.toString()));
  socket.write(first);
  const timer = setInterval(() => drip && socket.writable && socket.write(drip), 100);
  await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(timer);
  return { text, ms: performance.now() - startedAt };
}

const problemIn = (text: string) => JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1));
const get = (path: string, headers: readonly string[] = []) =>
  closing([`GET ${path} HTTP/1.1`, 'host: x', 'connection: close', ...headers, '', ''].join('\r\n'));
const isAlive = async () => (await fetch(`${product.url}/health/live`, { headers: { connection: 'close' } })).status;

describe('an address', () => {
  it.each([
    [1_000, 200],
    [1_001, 414],
    [7_000, 414],
  ])('of %i characters answers %i', async (length, status) => {
    const path = '/health/live?';
    const { text } = await get(path + 'x'.repeat(length - path.length));
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    if (status === 414)
      expect(problemIn(text)).toMatchObject({ status, code: 'URI_TOO_LONG', instance: '/health/live' });
  });
});

describe('headers', () => {
  it.each([
    [6_000, 200],
    [9_000, 431],
    [1_000_000, 431],
  ])('of %i bytes answer %i', async (bytes, status) => {
    const { text } = await get('/health/live', [`x-long: ${'x'.repeat(bytes)}`]);
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    if (status === 431) expect(problemIn(text)).toMatchObject({ status, code: 'HEADERS_TOO_LARGE' });
  });

  it.each([
    [28, 200],
    [29, 431],
    [900, 431],
  ])('%i of them beside host and connection answer %i', async (count, status) => {
    const { text } = await get('/health/live', Array<string>(count).fill('a: b'));
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });
});

const raw = (...lines: string[]) => closing([...lines, 'connection: close', '', ''].join('\r\n'));

describe('a Host header (RFC 9112, 3.2)', () => {
  it.each([
    ['none', []],
    ['two', ['host: a', 'host: b']],
    ['the same twice', ['host: a', 'Host: a']],
    ['a list in one', ['host: a, b']],
    ['a path in it', ['host: a/b']],
    ['a user in it', ['host: me@a']],
    ['a space in it', ['host: a b']],
    ['a port that is none', ['host: a:http']],
  ])('%s is answered 400', async (_, hosts) => {
    for (const path of ['/health/live', '/jobs', '/nothing']) {
      const { text } = await raw(`GET ${path} HTTP/1.1`, ...hosts);
      expect(text).toMatch(/^HTTP\/1.1 400 /);
      expect(problemIn(text)).toMatchObject({ code: 'BAD_REQUEST', detail: expect.stringContaining('Host') });
    }
  });

  it.each(['example.com', 'example.com:3000', '127.0.0.1:80', '[::1]:3000', 'my_service', 'localhost.', ''])(
    'that is "%s" is taken',
    async (host) => {
      expect((await raw('GET /health/live HTTP/1.1', `host: ${host}`)).text).toMatch(/^HTTP\/1.1 200 /);
    },
  );
});

describe('a body in a coding', () => {
  const send = (path: string, coding: string) =>
    fetch(product.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': coding },
      body: '{}',
    });

  it.each([
    ['/jobs', 'gzip'],
    ['/auth/login', 'GZIP'],
    ['/auth/register', 'br'],
    ['/nothing', 'identity, zstd'],
  ])('to %s, %s, is answered 415, which names it', async (path, coding) => {
    const answer = await send(path, coding);
    expect(answer.status).toBe(415);
    expect(answer.headers.get('accept-encoding')).toBe('identity');
    const named = coding.split(', ').at(-1);
    expect(await answer.json()).toMatchObject({
      code: 'UNSUPPORTED_CONTENT_ENCODING',
      detail: expect.stringContaining(`"${named}"`),
    });
  });

  it('that leaves it as it is, is taken', async () => {
    expect((await send('/auth/login', 'identity')).status).toBe(400);
  });
});

describe('a request that takes too long', () => {
  it.each([
    ['a head without an end', 'GET /health/live HTTP/1.1\r\nhost: x\r\nx-slow: ', 'x'],
    ['a line without an end', 'GET /', 'x'],
    [
      'a body without an end',
      'POST /auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9999\r\n\r\n',
      ' ',
    ],
    [
      'chunks without an end',
      'POST /auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
      '1\r\n \r\n',
    ],
  ])('%s is answered 408 and closed', async (_, first, drip) => {
    const { text, ms } = await closing(first, drip);
    expect(text).toMatch(/^HTTP\/1.1 408 /);
    expect(problemIn(text)).toMatchObject({ status: 408, code: 'REQUEST_TIMEOUT' });
    expect(ms).toBeGreaterThan(1_500);
    expect(ms).toBeLessThan(closedWithinMs);
  });

  it('A26 is closed on 200 connections at once that send a byte now and then, and others are served meanwhile', async () => {
    const slow = Array.from({ length: 200 }, () => closing('POST /auth/login HTTP/1.1\r\nhost: x\r\nx-slow: ', 'x'));
    expect(await Promise.all(Array.from({ length: 20 }, isAlive))).toEqual(Array(20).fill(200));
    const closed = await Promise.all(slow);
    expect(closed.filter(({ text }) => !text.startsWith('HTTP/1.1 408 '))).toEqual([]);
    expect(Math.max(...closed.map(({ ms }) => ms))).toBeLessThan(closedWithinMs);
    expect(await isAlive()).toBe(200);
  });
});

describe('connections', () => {
  it('beyond the limit are closed, and there is room again when others leave', async () => {
    const sockets = await Promise.all(
      Array.from({ length: 300 }, async () => {
        const socket = open();
        let closed = false;
        const ended = new Promise<void>((resolve) => {
          socket.once('close', () => {
            closed = true;
            resolve();
          });
        });
        socket.write('GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n');
        await Promise.race([ended, new Promise((resolve) => socket.once('data', resolve))]);
        return { socket, isClosed: () => closed };
      }),
    );
    const served = sockets.filter(({ isClosed }) => !isClosed());
    expect(served.length).toBeLessThanOrEqual(250);
    expect(served.length).toBeGreaterThan(200);
    await Promise.all(
      served.map(({ socket }) => new Promise((resolve) => socket.once('close', resolve) && socket.destroy())),
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(await isAlive()).toBe(200);
  });
});
