import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Abort } from '../../../src/kernel/abort.js';
import { aProgram } from './program.js';
import type { Program } from './program.js';
import { aTarget } from './target.js';
import type { Target } from './target.js';

let program: Program;
let target: Target | undefined;

beforeAll(async () => {
  program = await aProgram({ HTTP_JOBS_ALLOW_LOOPBACK: 'true' });
});
afterEach(() => target?.close());
afterAll(() => program.close());

describe('a target that does not answer', () => {
  const hang = () => aTarget(() => undefined);

  it("fails the attempt after the payload's time limit", async () => {
    target = await hang();
    const outcome = await program.run('http', { url: target.url, timeoutMs: 50 });
    expect(outcome).toEqual({
      kind: 'failed',
      retryable: true,
      error: 'The target had not answered completely after 50 ms.',
    });
    await target.closed;
  });

  it("times out after the job's", async () => {
    target = await hang();
    expect(await program.run('http', { url: target.url }, { timeoutMs: 50 })).toMatchObject({ kind: 'timed_out' });
    await target.closed;
  });

  it('is left when the run is cancelled, and promptly', async () => {
    target = await hang();
    const abort = new Abort();
    const outcome = program.run('http', { url: target.url }, {}, abort);
    while (target.received.length === 0) await new Promise(setImmediate);
    abort.abort('cancelled');
    expect(await outcome).toMatchObject({ kind: 'cancelled' });
    expect(program.lines).not.toContain('The handler ignored its abort signal; the attempt ended without it.');
    await target.closed;
  });

  it('in full is left at the time limit, however slowly it drips, and its status decides', async () => {
    target = await aTarget((_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('.'), 5);
      response.on('close', () => clearInterval(drip));
    });
    const outcome = await program.run('http', { url: target.url, timeoutMs: 100 });
    const result = { status: 200, bodyError: expect.stringContaining('not answered completely') };
    expect(outcome).toMatchObject({ kind: 'succeeded', result });
    await target.closed;
  });
});

describe('a broken connection', () => {
  it.each<
    [
      string,
      (response: {
        socket: { resetAndDestroy(): void; destroy(): void } | null;
        writeHead(status: number): { write(chunk: string): void };
      }) => void,
    ]
  >([
    ['reset', (response) => response.socket?.resetAndDestroy()],
    ['closed', (response) => response.socket?.destroy()],
  ])('%s before an answer is worth retrying', async (_, breakOff) => {
    target = await aTarget((_, response) => breakOff(response));
    expect(await program.run('http', { url: target.url })).toMatchObject({
      kind: 'failed',
      retryable: true,
      error: expect.stringMatching(/ECONNRESET/),
    });
  });

  it('to where nobody listens is worth retrying, and says so', async () => {
    const gone = await aTarget(() => undefined);
    await gone.close();
    expect(await program.run('http', { url: gone.url })).toMatchObject({
      kind: 'failed',
      retryable: true,
      error: 'Could not connect to 127.0.0.1: connect ECONNREFUSED',
    });
  });
});

describe('a target that does not speak HTTP', () => {
  let server: Server;
  const speaking = async (greeting: string): Promise<string> => {
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write(greeting);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  };
  afterEach(() => void server.close());

  it.each([
    ['another protocol', '220 mail.example ESMTP\r\n'],
    ['a version that nobody asked for', 'HTTP/2 200\r\n\r\n'],
    ['interim answers with endless headers', `HTTP/1.1 103 x\r\n${'x-filler: yes\r\n'.repeat(100_000)}`],
    ['a status line without end', `HTTP/1.1 200 ${'y'.repeat(1_000_000)}`],
  ])('but %s fails the attempt', async (_, greeting) => {
    const url = await speaking(greeting);
    expect(await program.run('http', { url, timeoutMs: 5_000 })).toMatchObject({ kind: 'failed', retryable: true });
  });
});
