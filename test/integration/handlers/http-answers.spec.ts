import type { Socket } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/kernel/json.js';
import { aProgram } from './program.js';
import type { Program } from './program.js';
import { aRawTarget } from './raw-target.js';
import type { RawTarget } from './raw-target.js';

/** A final status that has arrived decides, whatever comes of the rest of the answer: docs/handlers.md, "A status decides". */
let program: Program;
let target: RawTarget | undefined;

beforeAll(async () => {
  program = await aProgram({ HTTP_JOBS_ALLOW_LOOPBACK: 'true', HTTP_JOBS_BODY_LIMIT_BYTES: '1000' });
});
afterEach(() => target?.close());
afterAll(() => program.close());

type Bytes = string | Buffer;
const head = (...lines: string[]): string => `${lines.join('\r\n')}\r\n\r\n`;
const join = (...parts: Bytes[]): Buffer => Buffer.concat(parts.map((part) => Buffer.from(part)));
const chunked = (...parts: Bytes[]): Buffer =>
  join(...parts.flatMap((part) => [Buffer.byteLength(part).toString(16), '\r\n', part, '\r\n']), '0\r\n\r\n');

/** Sends each part in a packet of its own. */
const inTurn = (parts: readonly Bytes[], whenSent?: (socket: Socket) => void) => (socket: Socket) => {
  const [first, ...rest] = parts;
  socket.write(first ?? '', () =>
    setTimeout(() => (rest.length > 0 ? inTurn(rest, whenSent)(socket) : whenSent?.(socket)), 5),
  );
};

async function answered(parts: readonly Bytes[], payload: JsonObject = {}, whenSent?: (socket: Socket) => void) {
  target = await aRawTarget(inTurn(parts, whenSent));
  return await program.run('http', { url: target.url, method: 'POST', timeoutMs: 3_000, ...payload });
}

const ok = `${head('HTTP/1.1 200 OK', 'Content-Length: 2')}ok`;
const early = head('HTTP/1.1 103 Early Hints', 'Link: </a.css>; rel=preload');

describe('interim answers are waited through', () => {
  const andThen = head('HTTP/1.1 100 Continue');
  it.each<[string, Bytes[]]>([
    ['100', [andThen, ok]],
    ['100, in one packet', [andThen + ok]],
    ['100, three times', [andThen, andThen + andThen, ok]],
    ['100 with fields of its own', [head('HTTP/1.1 100 Continue', 'X-A: 1') + ok]],
    ['102', [head('HTTP/1.1 102 Processing'), ok]],
    [
      '103, 100, 102 and one that nobody knows',
      [early + andThen, head('HTTP/1.1 102 Processing'), head('HTTP/1.1 199 ?') + ok],
    ],
    [
      '100, cut anywhere',
      [andThen.slice(0, 3), andThen.slice(3, 12), andThen.slice(12), ok.slice(0, 20), ok.slice(20)],
    ],
  ])('%s', async (_, parts) => {
    expect(await answered(parts)).toMatchObject({ kind: 'succeeded', result: { status: 200, body: 'ok' } });
  });

  it('but not without end', async () => {
    expect(await answered([early.repeat(2_000)])).toMatchObject({
      kind: 'failed',
      error: 'The target sent more than 1000 interim answers.',
    });
  });

  it('but a change of protocol that nobody asked for is none', async () => {
    const outcome = await answered([
      head('HTTP/1.1 101 Switching Protocols', 'Upgrade: x', 'Connection: upgrade') + ok,
    ]);
    expect(outcome).toMatchObject({ kind: 'failed', retryable: true, error: expect.stringContaining('101') });
  });
});

describe('an answer without content has nothing to unpack', () => {
  const codings = ['gzip', 'deflate', 'br', 'zstd', 'gzip, br'].map((coding) => `Content-Encoding: ${coding}`);
  const chunksOfNothing = head('Transfer-Encoding: chunked') + chunked().toString();
  it.each<[string, string, number]>(
    codings.flatMap((coding): [string, string, number][] => [
      [coding, head('HTTP/1.1 200 OK', coding, 'Content-Length: 0'), 200],
      [coding, `HTTP/1.1 202 Accepted\r\n${coding}\r\n${chunksOfNothing}`, 202],
      [coding, head('HTTP/1.1 204 No Content', coding), 204],
      [coding, head('HTTP/1.1 205 Reset Content', coding), 205],
    ]),
  )('%s: %j', async (_, answer, status) => {
    const outcome = await answered([answer]);
    expect(outcome).toMatchObject({ kind: 'succeeded', result: { status, body: '' } });
  });

  it.each<[number, string]>([
    [204, 'Content-Length: 5'],
    [204, 'Transfer-Encoding: chunked'],
    [205, 'Content-Length: 5'],
    [304, 'Content-Length: 20'],
    [304, 'Content-Encoding: gzip'],
    [304, 'Transfer-Encoding: chunked'],
  ])('%i with %s ends at its head', async (status, field) => {
    const outcome = await answered([head(`HTTP/1.1 ${status} x`, 'ETag: "1"', field)], { expectStatus: [status] });
    expect(outcome).toMatchObject({ kind: 'succeeded', result: { status, body: '', headers: { etag: '"1"' } } });
    expect(outcome).not.toHaveProperty('result.bodyError');
  });

  it('304 that is not expected fails the run at once', async () => {
    const outcome = await answered([head('HTTP/1.1 304 Not Modified', 'Content-Length: 20')]);
    expect(outcome).toMatchObject({ kind: 'failed', retryable: false, result: { status: 304 } });
  });

  it.each(['Content-Length: 5', 'Transfer-Encoding: chunked', 'Content-Encoding: gzip'])(
    'HEAD with %s',
    async (field) => {
      const outcome = await answered([head('HTTP/1.1 200 OK', field)], { method: 'HEAD' });
      expect(outcome).toMatchObject({ kind: 'succeeded', result: { status: 200, body: '' } });
    },
  );

  it('the body that comes behind a 204 all the same is not taken for the next answer', async () => {
    target = await aRawTarget((socket) => void socket.write(`${head('HTTP/1.1 204 x', 'Content-Length: 5')}hello`));
    for (const _ of [1, 2, 3])
      expect(await program.run('http', { url: target.url })).toMatchObject({
        kind: 'succeeded',
        result: { status: 204 },
      });
  });
});

describe('a body that cannot be read to its end', () => {
  const packed = gzipSync('Hello, world. '.repeat(40));
  const noise = Buffer.from(Array.from({ length: 3_000 }, (_, index) => (index * index * 31) % 251));
  const long = gzipSync(noise.toString('hex'));
  const gzip = (body: Bytes): Buffer =>
    join(head('HTTP/1.1 200 OK', 'Content-Encoding: gzip', `Content-Length: ${Buffer.byteLength(body)}`), body);
  it.each<[string, Bytes[], string, string]>([
    ['not gzip at all', [gzip('no gzip')], '', 'could not be unpacked'],
    ['gzip that is cut', [gzip(packed.subarray(0, -4))], 'Hello, world. '.repeat(40), 'could not be unpacked'],
    ['bytes behind gzip', [gzip(join(packed, 'junk'))], 'Hello, world. '.repeat(40), 'could not be unpacked'],
    [
      'long gzip that is cut',
      [gzip(long.subarray(0, 200))],
      noise.toString('hex').slice(0, 100),
      'could not be unpacked',
    ],
    [
      'an unknown coding',
      [`${head('HTTP/1.1 200 OK', 'Content-Encoding: utf-8', 'Content-Length: 2')}ok`],
      'ok',
      'utf-8',
    ],
    [
      'too many codings',
      [`${head('HTTP/1.1 200 OK', 'Content-Encoding: br,br,br,br', 'Content-Length: 2')}ok`],
      'ok',
      'more than 3',
    ],
    ['two lengths', [`${head('HTTP/1.1 200 OK', 'Content-Length: 2', 'Content-Length: 3')}ok`], '', '2, 3'],
    ['no length', [`${head('HTTP/1.1 200 OK', 'Content-Length: -1')}ok`], '', '-1'],
    [
      'a chunk without size',
      [`${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}2\r\nok\r\nzz\r\n`],
      'ok',
      'chunk',
    ],
    [
      'a chunk that is longer',
      [`${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}2\r\nokay\r\n`],
      'ok',
      'chunk',
    ],
  ])('%s: the status decides, and what could be read is kept', async (_, parts, body, why) => {
    const outcome = await answered(parts);
    expect(outcome).toMatchObject({
      kind: 'succeeded',
      result: { status: 200, body: expect.stringContaining(body), bodyError: expect.stringContaining(why) },
    });
  });

  it.each<[string, (socket: Socket) => void]>([
    ['ends', (socket) => void socket.end()],
    ['is reset', (socket) => void socket.resetAndDestroy()],
  ])('and whose connection %s is kept as far as it came', async (_, whenSent) => {
    for (const start of [
      head('HTTP/1.1 200 OK', 'Content-Length: 500'),
      `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}ff\r\n`,
    ]) {
      expect(await answered([start, 'half'], {}, whenSent)).toMatchObject({
        kind: 'succeeded',
        result: { status: 200, body: 'half', bodyError: expect.stringContaining('complete') },
      });
      await target?.close();
    }
  });

  it.each([
    ['404', false],
    ['503', true],
  ])('leaves a %s what it is', async (status, retryable) => {
    const outcome = await answered([
      head(`HTTP/1.1 ${status} x`, 'Content-Encoding: gzip', 'Content-Length: 3') + 'abc',
    ]);
    expect(outcome).toMatchObject({
      ...{ kind: 'failed', retryable, error: `The target answered with status ${status}.` },
      result: { status: Number(status), bodyError: expect.any(String) },
    });
  });

  it("is left at the payload's time limit", async () => {
    const outcome = await answered([head('HTTP/1.1 200 OK'), 'begun'], { timeoutMs: 150 });
    expect(outcome).toMatchObject({
      kind: 'succeeded',
      result: { body: 'begun', bodyError: 'The target had not answered completely after 150 ms.' },
    });
  });

  it("is left shortly before the attempt's", async () => {
    target = await aRawTarget(inTurn([head('HTTP/1.1 200 OK', 'Content-Type: text/event-stream'), 'begun']));
    expect(await program.run('http', { url: target.url }, { timeoutMs: 400 })).toMatchObject({
      kind: 'succeeded',
      result: { status: 200, body: 'begun', bodyError: expect.stringContaining('400 ms') },
    });
  });
});

describe('what others read is read', () => {
  const text = 'Zoë'.repeat(20);
  it.each<[string, Bytes[]]>([
    ['the same length twice', [`${head('HTTP/1.1 200 OK', 'Content-Length: 80', 'Content-Length: 80')}${text}`]],
    ['the same length twice in one field', [`${head('HTTP/1.1 200 OK', 'Content-Length: 80, 80')}${text}`]],
    [
      'raw deflate',
      [join(head('HTTP/1.1 200 OK', 'Connection: close', 'Content-Encoding: deflate'), deflateRawSync(text))],
    ],
    ['deflate', [join(head('HTTP/1.1 200 OK', 'Content-Encoding: deflate'), deflateSync(text))]],
    ['two codings', [join(head('HTTP/1.1 200 OK', 'Content-Encoding: gzip, br'), brotliCompressSync(gzipSync(text)))]],
    [
      'gzip of two members',
      [join(head('HTTP/1.1 200 OK', 'Content-Encoding: gzip'), gzipSync('Zoë'), gzipSync('Zoë'.repeat(19)))],
    ],
    ['identity', [join(head('HTTP/1.1 200 OK', 'Content-Encoding: identity'), text)]],
    [
      'chunks in gzip',
      [join(head('HTTP/1.1 200 OK', 'Content-Encoding: gzip', 'Transfer-Encoding: chunked'), chunked(gzipSync(text)))],
    ],
    [
      'gzip as a transfer coding',
      [join(head('HTTP/1.1 200 OK', 'Transfer-Encoding: gzip, chunked'), chunked(gzipSync(text)))],
    ],
    [
      'chunks with extensions and trailers',
      [head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked'), `50;a=b\r\n${text}\r\n0\r\nX: y\r\n\r\n`],
    ],
    [
      'a length beside chunks',
      [join(head('HTTP/1.1 200 OK', 'Content-Length: 3', 'Transfer-Encoding: chunked'), chunked(text))],
    ],
    ['lines without carriage returns', [`HTTP/1.1 200 OK\nContent-Length: 80\n\n${text}`]],
    ['HTTP/1.0', [`${head('HTTP/1.0 200 OK')}${text}`]],
    ['a status line without a reason', [`${head('HTTP/1.1 200', 'Content-Length: 80')}${text}`]],
    ['a line that is no field', [`${head('HTTP/1.1 200 OK', 'what is this', 'Content-Length: 80')}${text}`]],
  ])('%s', async (_, parts) => {
    const outcome = await answered(parts, {}, (socket) => void socket.end());
    expect(outcome).toMatchObject({ kind: 'succeeded', result: { status: 200, body: text } });
    expect(outcome).not.toHaveProperty('result.bodyError');
  });
});

describe('a head without end', () => {
  it('longer than 16 KiB: its status decides, and the note names the limit', async () => {
    const outcome = await answered([`HTTP/1.1 200 OK\r\nx-first: yes\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`]);
    expect(outcome).toMatchObject({
      kind: 'succeeded',
      result: { headers: { 'x-first': 'yes' }, bodyError: 'The head of the answer is longer than 16384 bytes.' },
    });
  });

  it('that breaks off behind its status line is as good', async () => {
    const outcome = await answered(['HTTP/1.1 404 Not Found\r\nX-A: 1\r\nX-B'], {}, (socket) => void socket.end());
    expect(outcome).toMatchObject({
      kind: 'failed',
      retryable: false,
      result: { status: 404, headers: { 'x-a': '1' } },
    });
  });

  it('that breaks off within its status line is none', async () => {
    const outcome = await answered(['HTTP/1.1 20'], {}, (socket) => void socket.end());
    expect(outcome).toMatchObject({ kind: 'failed', retryable: true, error: expect.stringContaining('ECONNRESET') });
  });
});

describe('a connection that is used again', () => {
  it('after an answer, but not after one that it is not sure of', async () => {
    const answers = [ok, head('HTTP/1.1 304 x', 'Content-Length: 9'), ok, `${ok}more`, ok];
    target = await aRawTarget((socket, nth) => void socket.write(answers[nth - 1] ?? ok));
    for (const _ of answers) {
      await program.run('http', { url: target.url });
      // The pool takes a connection back in the turn after its answer.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect([target.requests, target.connections]).toEqual([5, 2]);
  });

  it('is let go of where the target says so', async () => {
    target = await aRawTarget(
      (socket) => void socket.write(`${head('HTTP/1.1 200 OK', 'Connection: close', 'Content-Length: 2')}ok`),
    );
    for (const _ of [1, 2]) await program.run('http', { url: target.url });
    expect(target.connections).toBe(2);
  });
});
