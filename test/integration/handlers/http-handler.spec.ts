import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { systemParts } from '../../../src/handlers/adapters/http/ssrf-guard.js';
import { GuardedHttpClient } from '../../../src/handlers/adapters/http/guarded-http-client.js';
import { AddressPolicy } from '../../../src/handlers/domain/address-policy.js';
import type { Outcome } from '../../../src/runs/domain/outcome.js';
import { aProgram } from './program.js';
import type { Program } from './program.js';
import { aTarget } from './target.js';
import type { Target } from './target.js';

const bodyLimit = 1_000;
type Answered = {
  status: number;
  headers: Record<string, string>;
  body: string;
  bodyTruncated?: boolean;
  durationMs: number;
};
const resultOf = (outcome: Outcome): Answered => ('result' in outcome ? outcome.result : null) as unknown as Answered;

let program: Program;
let target: Target | undefined;

beforeAll(async () => {
  program = await aProgram({ HTTP_JOBS_ALLOW_LOOPBACK: 'true', HTTP_JOBS_BODY_LIMIT_BYTES: String(bodyLimit) });
});
afterEach(() => target?.close());
afterAll(() => program.close());

describe('an http job', () => {
  it('that meets 500 twice and then 200 fails twice, worth retrying, and then succeeds', async () => {
    target = await aTarget((_, response, nth) => response.writeHead(nth < 3 ? 500 : 200).end(nth < 3 ? 'down' : 'up'));
    const outcomes = [];
    for (const attempt of [1, 2, 3]) outcomes.push(await program.run('http', { url: target.url }, { attempt }));
    expect(outcomes).toMatchObject([
      {
        kind: 'failed',
        retryable: true,
        error: 'The target answered with status 500: down',
        result: { status: 500, body: 'down' },
      },
      { kind: 'failed', retryable: true },
      { kind: 'succeeded', result: { status: 200, body: 'up' } },
    ]);
    expect(target.received.map(({ headers }) => headers['x-punctual-attempt'])).toEqual(['1', '2', '3']);
  });

  it('sends what it was given, and which run it is', async () => {
    target = await aTarget((_, response) =>
      response.writeHead(201, { 'X-Answer': 'yes', 'Set-Cookie': ['a=1', 'b=2'] }).end('{"id":7}'),
    );
    const payload = {
      url: `${target.url}hook?q=1`,
      method: 'PUT',
      headers: { Authorization: 'Bearer x' },
      body: { name: 'Zoë' },
    };
    const outcome = await program.run('http', payload);
    expect(resultOf(outcome)).toMatchObject({
      status: 201,
      headers: { 'x-answer': 'yes', 'set-cookie': 'a=1, b=2' },
      body: '{"id":7}',
    });
    expect(resultOf(outcome).durationMs).toBeGreaterThanOrEqual(0);
    expect(target.received).toEqual([
      {
        ...{ method: 'PUT', url: '/hook?q=1', body: '{"name":"Zoë"}' },
        headers: {
          host: `127.0.0.1:${target.port}`,
          connection: 'keep-alive',
          authorization: 'Bearer x',
          'accept-encoding': 'identity',
          'content-type': 'application/json',
          'content-length': '15',
          'user-agent': expect.stringMatching(/^Punctual\/\d+\./),
          'idempotency-key': '0190d5a8-0000-7000-8000-000000000001',
          'x-punctual-run-id': '0190d5a8-0000-7000-8000-000000000001',
          'x-punctual-job-id': '0190d5a8-0000-7000-8000-000000000002',
          'x-punctual-attempt': '1',
          'x-punctual-nominal-at': '2026-03-01T02:30:00.000Z',
          'x-punctual-lease-token': '41',
        },
      },
    ]);
  });

  it('waits as long as Retry-After says', async () => {
    const soon = new Date(Date.now() + 60_000).toUTCString();
    target = await aTarget((_, response, nth) =>
      response.writeHead(nth === 1 ? 429 : 503, { 'Retry-After': nth === 1 ? '7' : soon }).end(),
    );
    expect(await program.run('http', { url: target.url })).toMatchObject({
      kind: 'failed',
      retryable: true,
      retryAfterMs: 7_000,
    });
    const { retryAfterMs } = (await program.run('http', { url: target.url })) as { retryAfterMs: number };
    expect(retryAfterMs).toBeGreaterThan(30_000);
    expect(retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  it.each([301, 302, 303, 307, 308])('does not follow a %i, and does not try it again', async (status) => {
    target = await aTarget((_, response) => response.writeHead(status, { Location: '/elsewhere' }).end());
    const outcome = await program.run('http', { url: target.url });
    expect(outcome).toMatchObject({
      kind: 'failed',
      retryable: false,
      result: { status, headers: { location: '/elsewhere' } },
    });
    expect(target.received).toHaveLength(1);
  });

  it('asks for the head alone', async () => {
    target = await aTarget((_, response) =>
      response.writeHead(200, { 'Content-Length': '5', 'Content-Encoding': 'gzip' }).end(),
    );
    expect(resultOf(await program.run('http', { url: target.url, method: 'HEAD' }))).toMatchObject({
      status: 200,
      body: '',
    });
  });

  it('uses a connection again', async () => {
    target = await aTarget((_, response) => response.end('ok'));
    for (let call = 0; call < 10; call += 1) await program.run('http', { url: target.url });
    expect(target.connections).toBeLessThan(5);
  });

  it('reads no proxy settings', async () => {
    const proxy = await aTarget((_, response) => response.end('proxied'));
    target = await aTarget((_, response) => response.end('direct'));
    process.env.HTTP_PROXY = process.env.http_proxy = proxy.url;
    try {
      expect(resultOf(await program.run('http', { url: target.url })).body).toBe('direct');
    } finally {
      delete process.env.HTTP_PROXY;
      delete process.env.http_proxy;
      await proxy.close();
    }
    expect(proxy.connections).toBe(0);
  });
});

describe('the body of an answer', () => {
  it.each([
    [
      'in the charset that it names',
      { 'Content-Type': 'text/plain; charset=iso-8859-1' },
      Buffer.from([0x5a, 0x6f, 0xeb]),
      'Zoë',
    ],
    [
      'as UTF-8 when the charset is unknown',
      { 'Content-Type': 'text/plain; charset=klingon' },
      Buffer.from('Zoë'),
      'Zoë',
    ],
    ['unpacked from gzip', { 'Content-Encoding': 'gzip' }, gzipSync('Zoë'), 'Zoë'],
    ['unpacked from brotli', { 'Content-Encoding': 'BR' }, brotliCompressSync('Zoë'), 'Zoë'],
    ['without what cannot be stored', {}, Buffer.from('a\0b'), 'a\ufffdb'],
    ['empty', {}, Buffer.alloc(0), ''],
  ])('is kept %s', async (_, headers, body, expected) => {
    target = await aTarget((_, response) => response.writeHead(200, headers).end(body));
    expect(resultOf(await program.run('http', { url: target.url })).body).toBe(expected);
  });

  it('is whole when it has just the size of the limit', async () => {
    target = await aTarget((_, response) => response.end('x'.repeat(bodyLimit)));
    expect(resultOf(await program.run('http', { url: target.url }))).not.toHaveProperty('bodyTruncated');
  });

  it('is cut at the limit when it never ends, and the connection is dropped', async () => {
    target = await aTarget((_, response) => {
      const more = (): void => {
        while (response.write('ü'.repeat(10_000)));
      };
      response.on('drain', more);
      more();
    });
    const { body, bodyTruncated } = resultOf(await program.run('http', { url: target.url }));
    expect([body, bodyTruncated]).toEqual(['ü'.repeat(bodyLimit / 2), true]);
    await target.closed;
  });

  it('does not cut a character in half', async () => {
    target = await aTarget((_, response) => response.end(`x${'ü'.repeat(10_000)}`));
    expect(resultOf(await program.run('http', { url: target.url })).body).toBe(`x${'ü'.repeat(bodyLimit / 2 - 1)}`);
  });

  it('is cut after unpacking: a small file of gigabytes costs no more than the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(100_000_000, 'x'));
    target = await aTarget((_, response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(bomb));
    const { body, bodyTruncated } = resultOf(await program.run('http', { url: target.url }));
    expect([body.length, bodyTruncated]).toEqual([bodyLimit, true]);
  });
});

describe('where loopback is not allowed', () => {
  it('a submission is refused, and a run sends nothing', async () => {
    target = await aTarget((_, response) => response.end());
    const strict = await aProgram({});
    try {
      const payload = { url: target.url };
      expect(await strict.catalogue.validate('http', payload)).toEqual([
        { pointer: '/url', detail: expect.stringContaining('the machine itself') },
      ]);
      expect(await strict.run('http', payload)).toMatchObject({ kind: 'failed', retryable: false });
    } finally {
      await strict.close();
    }
    expect(target.connections).toBe(0);
  });

  it.each(['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]'])('the client itself connects to no %s', async (host) => {
    target = await aTarget((_, response) => response.end());
    const client = new GuardedHttpClient(
      new AddressPolicy({ allowLoopback: false, allow: [], deny: [], own: [] }),
      systemParts,
    );
    const request = { method: 'GET', headers: {}, signal: new AbortController().signal, bodyLimitBytes: 10 };
    await expect(client.send({ ...request, url: `http://${host}:${target.port}/` })).rejects.toThrow('SSRF_BLOCKED');
    client.onApplicationShutdown();
    expect(target.connections).toBe(0);
  });

  it("an operator's own target is allowed by its network", async () => {
    target = await aTarget((_, response) => response.end('internal'));
    const open = await aProgram({ HTTP_JOBS_ALLOW_ADDRESSES: '127.0.0.0/8' });
    try {
      expect(await open.run('http', { url: target.url })).toMatchObject({ kind: 'succeeded' });
    } finally {
      await open.close();
    }
  });
});
