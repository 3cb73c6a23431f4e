import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { SMTPServerOptions } from 'smtp-server';
import { aMailServer, refusal } from './mail-server.js';
import type { MailServer } from './mail-server.js';
import { Abort } from '../../../src/kernel/abort.js';
import { aProgram } from './program.js';
import type { Program } from './program.js';

const message = { to: 'Ada <ada@example.com>', subject: 'Grüße', text: 'Hello Ada' };
const runId = '0190d5a8-0000-7000-8000-000000000001';

let server: MailServer | undefined;
let program: Program | undefined;

async function start(
  options: SMTPServerOptions = {},
  settings: Record<string, string> = {},
): Promise<[MailServer, Program]> {
  server = await aMailServer(options);
  program = await aProgram({
    SMTP_HOST: '127.0.0.1',
    SMTP_PORT: String(server.port),
    SMTP_FROM: 'Jobs <jobs@punctual.test>',
    ...settings,
  });
  return [server, program];
}

afterEach(async () => {
  await program?.close();
  await server?.close();
});

describe('an email job', () => {
  it('delivers its message, once for each recipient', async () => {
    const [mails, jobs] = await start();
    const payload = { ...message, cc: ['bob@example.com'], bcc: 'eve@example.com', html: '<p>Hello <b>Ada</b></p>' };
    expect(await jobs.catalogue.validate('email', payload)).toEqual([]);
    expect(await jobs.run('email', payload)).toEqual({
      kind: 'succeeded',
      result: {
        messageId: `<${runId}@punctual.test>`,
        accepted: ['ada@example.com', 'bob@example.com', 'eve@example.com'],
        rejected: [],
      },
    });
    expect(mails.taken).toHaveLength(1);
    const { email, raw, recipients } = mails.taken[0]!;
    expect(recipients).toEqual(['ada@example.com', 'bob@example.com', 'eve@example.com']);
    expect(email).toMatchObject({
      from: { name: 'Jobs', address: 'jobs@punctual.test' },
      to: [{ name: 'Ada', address: 'ada@example.com' }],
      cc: [{ address: 'bob@example.com' }],
      ...{ subject: 'Grüße', messageId: `<${runId}@punctual.test>` },
      text: expect.stringContaining('Hello Ada'),
      html: expect.stringContaining('<p>Hello <b>Ada</b></p>'),
    });
    expect(raw).not.toContain('eve@example.com');
    expect(email.headers).toContainEqual(expect.objectContaining({ key: 'x-punctual-run-id', value: runId }));
  });

  it('keeps the same Message-ID in each attempt', async () => {
    const [mails, jobs] = await start();
    for (const attempt of [1, 2]) await jobs.run('email', message, { attempt });
    expect(new Set(mails.taken.map(({ email }) => email.messageId))).toEqual(new Set([`<${runId}@punctual.test>`]));
  });

  it('tells which recipients were refused', async () => {
    const [, jobs] = await start({
      onRcptTo: ({ address }, _, done) => done(address.startsWith('nobody') ? refusal(550, 'No such user') : null),
    });
    expect(await jobs.run('email', { ...message, to: ['ada@example.com', 'nobody@example.com'] })).toMatchObject({
      kind: 'succeeded',
      result: { accepted: ['ada@example.com'], rejected: ['nobody@example.com'] },
    });
  });

  it.each([
    [550, false],
    [554, false],
    [450, true],
    [421, true],
  ])('refused with %i fails; worth retrying: %p', async (code, retryable) => {
    const [, jobs] = await start({ onRcptTo: (_address, _session, done) => done(refusal(code, 'Not today')) });
    expect(await jobs.run('email', message)).toMatchObject({
      kind: 'failed',
      retryable,
      error: expect.stringContaining('Not today'),
    });
  });

  it('refused at its content is not worth retrying', async () => {
    const onData: SMTPServerOptions['onData'] = (stream, _, done) => {
      stream.resume().on('end', () => done(refusal(552, 'Too big')));
    };
    const [, jobs] = await start({ onData });
    expect(await jobs.run('email', message)).toMatchObject({
      kind: 'failed',
      retryable: false,
      error: expect.stringContaining('Too big'),
    });
  });

  it('is worth retrying when the password is refused, which the operator can mend', async () => {
    const [, jobs] = await start(
      {
        authOptional: false,
        allowInsecureAuth: true,
        onAuth: (_auth, _session, done) => done(refusal(535, 'Bad password')),
      },
      { SMTP_USERNAME: 'jobs', SMTP_PASSWORD: 'wrong' },
    );
    expect(await jobs.run('email', message)).toMatchObject({ kind: 'failed', retryable: true });
  });

  it('sends nothing over a connection whose certificate nobody trusts, where TLS is required', async () => {
    const [mails, jobs] = await start({}, { SMTP_REQUIRE_TLS: 'true' });
    expect(await jobs.run('email', message)).toMatchObject({
      kind: 'failed',
      retryable: true,
      error: expect.stringMatching(/certificate/i),
    });
    expect(mails.taken).toEqual([]);
  });

  it('is worth retrying when nobody listens', async () => {
    const [mails, jobs] = await start();
    await mails.close();
    server = undefined;
    expect(await jobs.run('email', message)).toMatchObject({
      kind: 'failed',
      retryable: true,
      error: 'The message could not be handed to the mail server: connect ECONNREFUSED',
    });
  });

  it('leaves promptly when it is cancelled while the server says nothing', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    program = await aProgram({ SMTP_HOST: '127.0.0.1', SMTP_PORT: String((silent.address() as AddressInfo).port) });
    const abort = new Abort();
    const outcome = program.run('email', message, {}, abort);
    const [socket] = (await once(silent, 'connection')) as [{ destroy(): void }];
    abort.abort('cancelled');
    expect(await outcome).toMatchObject({ kind: 'cancelled' });
    expect(program.lines).toEqual([]);
    socket.destroy();
    silent.close();
  });
});

describe('without a mail server', () => {
  it('an email job is refused at submission, and a run is worth retrying once there is one', async () => {
    program = await aProgram({});
    expect(await program.catalogue.validate('email', message)).toEqual([
      { pointer: '', detail: expect.stringContaining('SMTP_HOST') },
    ]);
    expect(await program.run('email', message)).toMatchObject({
      kind: 'failed',
      retryable: true,
      error: expect.stringContaining('SMTP_HOST'),
    });
  });
});
