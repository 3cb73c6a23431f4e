import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../../config/config.js';
import type { IClock } from '../../kernel/clock.js';
import type { JsonObject } from '../../kernel/json.js';
import { NonRetryableError, RetryLaterError } from '../../runs/domain/outcome.js';
import { readPayload } from '../adapters/calls/payload-reader.js';
import { AddressPolicy } from '../domain/address-policy.js';
import { declarationOf } from '../domain/job-handler.js';
import type { HandlerContext, JobHandler } from '../domain/job-handler.js';
import type { MailRefusal } from '../../quotas/domain/mail-quota.js';
import type { HttpAnswer, HttpRequest } from '../interfaces/http-client.js';
import type { Mail } from '../interfaces/mailer.js';
import { EmailHandler } from './email-handler.js';
import { HttpHandler } from './http-handler.js';
import { LogHandler } from './log-handler.js';

const config = readConfig({ JWT_SECRET: 'a'.repeat(40) });
const policy = new AddressPolicy({ allowLoopback: false, allow: [], deny: [], own: [] });
const clock: IClock = { now: () => new Date('2026-03-01T12:00:00Z'), monotonicMs: () => 0 };

/** Checks a payload as a submission does and, where it is right, handles it. */
async function submit(handler: JobHandler<never>, stored: JsonObject) {
  const declaration = declarationOf(handler.constructor)!;
  const { problems, payload } = await readPayload({ ...declaration, instance: handler, origin: '' }, stored);
  const all = problems.length > 0 ? problems : ((await handler.validate?.(payload as never)) ?? []);
  const lines: string[] = [];
  const context: HandlerContext<never> = {
    payload: payload as never,
    ...{ runId: 'r-1', jobId: 'j-1', jobName: 'Call', userId: 'u-1', attempt: 2, leaseToken: '9' },
    timeLimitMs: 60_000,
    ...{ nominalAt: new Date(0), dueAt: new Date(1), signal: new AbortController().signal },
    log: (line) => void lines.push(line),
    progress: () => undefined,
  };
  return { problems: all, lines, run: async () => await handler.handle(context) };
}

function anHttpHandler(answer: Partial<HttpAnswer> | Error = {}) {
  const sent: HttpRequest[] = [];
  const send = (request: HttpRequest): Promise<HttpAnswer> => {
    sent.push(request);
    const whole = { status: 200, headers: {}, body: 'ok', bodyTruncated: false };
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve({ ...whole, ...answer });
  };
  return { handler: new HttpHandler({ send }, policy, config, clock), sent };
}

const url = 'https://example.com/hook';
const pointersOf = async (handler: JobHandler<never>, payload: JsonObject): Promise<string[]> =>
  (await submit(handler, payload)).problems.map(({ pointer }) => pointer);

describe('http', () => {
  it('tells the target which run it is', async () => {
    const { handler, sent } = anHttpHandler();
    await (await submit(handler, { url, headers: { 'X-Own': '1' } })).run();
    expect(sent[0]).toMatchObject({
      ...{ url, method: 'GET', bodyLimitBytes: 32_768 },
      headers: {
        'User-Agent': expect.stringMatching(/^Punctual\/\d+\.\d+\.\d+/),
        'Idempotency-Key': 'r-1',
        'X-Punctual-Job-Id': 'j-1',
        'X-Punctual-Run-Id': 'r-1',
        'X-Punctual-Attempt': '2',
        'X-Punctual-Nominal-At': '1970-01-01T00:00:00.000Z',
        'X-Punctual-Lease-Token': '9',
        'X-Own': '1',
      },
    });
  });

  it.each<[JsonObject, string, string | undefined, string | undefined]>([
    [{}, 'GET', undefined, undefined],
    [{ body: null }, 'GET', undefined, undefined],
    [{ body: { a: [1] } }, 'POST', '{"a":[1]}', 'application/json'],
    [
      { body: { constructor: 'x', toString: { constructor: 1 } } },
      'POST',
      '{"constructor":"x","toString":{"constructor":1}}',
      'application/json',
    ],
    [{ body: false }, 'POST', 'false', 'application/json'],
    [{ body: 'a=1' }, 'POST', 'a=1', 'text/plain; charset=utf-8'],
    [{ body: '' }, 'POST', '', 'text/plain; charset=utf-8'],
    [{ body: {}, method: 'DELETE' }, 'DELETE', '{}', 'application/json'],
    [{ method: 'HEAD' }, 'HEAD', undefined, undefined],
  ])('sends %j as %s', async (changes, method, body, type) => {
    const { handler, sent } = anHttpHandler();
    await (await submit(handler, { url, ...changes })).run();
    expect(sent[0]).toMatchObject({ method });
    expect(sent[0]?.body).toBe(body);
    expect(sent[0]?.headers['Content-Type']).toBe(type);
  });

  it("leaves the user's own content type alone, in any case", async () => {
    const { handler, sent } = anHttpHandler();
    await (await submit(handler, { url, body: 'a=1', headers: { 'content-TYPE': 'text/csv' } })).run();
    expect(Object.entries(sent[0]!.headers).filter(([name]) => /content-type/i.test(name))).toEqual([
      ['content-TYPE', 'text/csv'],
    ]);
  });

  it('answers with status, headers, body and duration, and logs no more than the host', async () => {
    const { handler } = anHttpHandler({ headers: { a: 'b' } });
    const { run, lines } = await submit(handler, { url: `${url}?token=secret` });
    expect(await run()).toEqual({ status: 200, headers: { a: 'b' }, body: 'ok', durationMs: 0 });
    expect(lines).toEqual(['GET example.com answered 200 after 0 ms.']);
  });

  it('marks a body that was cut', async () => {
    const { handler } = anHttpHandler({ bodyTruncated: true });
    expect(await (await submit(handler, { url })).run()).toMatchObject({ bodyTruncated: true });
  });

  it.each([
    [{ status: 404, body: 'nothing here' }, NonRetryableError, 'The target answered with status 404: nothing here'],
    [{ status: 302, body: '' }, NonRetryableError, 'The target answered with status 302.'],
    [{ status: 500, body: 'x' }, Error, 'The target answered with status 500: x'],
    [{ status: 429, headers: { 'retry-after': '7' } }, RetryLaterError, 'The target answered with status 429: ok'],
  ])('fails on %j', async (answer, kind, message) => {
    const { handler } = anHttpHandler(answer);
    const thrown = await (await submit(handler, { url })).run().then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(thrown).toBeInstanceOf(kind);
    expect(thrown).toMatchObject({ message, result: { status: answer.status } });
  });

  it('takes an expected status for success, and only that', async () => {
    const notFound = anHttpHandler({ status: 404 });
    expect(await (await submit(notFound.handler, { url, expectStatus: [404] })).run()).toMatchObject({ status: 404 });
    const ok = anHttpHandler({ status: 200 });
    await expect((await submit(ok.handler, { url, expectStatus: [404] })).run()).rejects.toThrow('status 200');
  });

  it.each<[JsonObject, string]>([
    [{}, '/url'],
    [{ url: 7 }, '/url'],
    [{ url: 'http://10.0.0.1/' }, '/url'],
    [{ url, method: 'TRACE' }, '/method'],
    [{ url, method: 'get' }, '/method'],
    [{ url, headers: { Host: 'x' } }, '/headers/Host'],
    [{ url, headers: 'x' }, '/headers'],
    [{ url, headers: [] }, '/headers'],
    [{ url, body: 'x', method: 'GET' }, '/body'],
    [{ url, timeoutMs: 0 }, '/timeoutMs'],
    [{ url, timeoutMs: '5' }, '/timeoutMs'],
    [{ url, expectStatus: [99] }, '/expectStatus'],
    [{ url, expectStatus: 200 }, '/expectStatus'],
    [{ url, follow: true }, '/follow'],
    [{ url, timeoutMs: { constructor: 'x' } }, ''],
  ])('refuses %j at %s', async (payload, pointer) => {
    expect(await pointersOf(anHttpHandler().handler, payload)).toEqual([pointer]);
  });

  it('sends nothing when the configuration has become stricter since', async () => {
    const { handler, sent } = anHttpHandler();
    await expect((await submit(handler, { url: 'http://10.0.0.1/' })).run()).rejects.toBeInstanceOf(NonRetryableError);
    expect(sent).toEqual([]);
  });
});

describe('email', () => {
  function anEmailHandler(isConfigured = true, refusal?: MailRefusal) {
    const sent: Mail[] = [];
    const asked: [string, number][] = [];
    const take = async (userId: string, count: number) => {
      asked.push([userId, count]);
      return refusal;
    };
    const send = (mail: Mail) => {
      sent.push(mail);
      return Promise.resolve({ messageId: '<r-1@x>', accepted: ['a@x.com'], rejected: ['b@x.com'] });
    };
    return { handler: new EmailHandler({ isConfigured, send }, { take }), sent, asked };
  }
  const message = { to: 'ada@example.com', subject: 'Hi', text: 'Hello' };

  it("sends under the run's id and answers with what the server said", async () => {
    const { handler, sent } = anEmailHandler();
    const { run, lines } = await submit(handler, { ...message, cc: ['b@x.com', 'C <c@x.com>'], html: '<b>' });
    expect(await run()).toEqual({ messageId: '<r-1@x>', accepted: ['a@x.com'], rejected: ['b@x.com'] });
    expect(sent[0]).toMatchObject({
      ...{
        id: 'r-1',
        to: ['ada@example.com'],
        cc: ['b@x.com', 'C <c@x.com>'],
        subject: 'Hi',
        text: 'Hello',
        html: '<b>',
      },
      headers: { 'X-Punctual-Job-Id': 'j-1', 'X-Punctual-Run-Id': 'r-1' },
    });
    expect(sent[0]?.signal).toBeInstanceOf(AbortSignal);
    expect(lines).toEqual(['Taken by the mail server for 1 of 2 recipients.']);
  });

  it.each<[JsonObject, string]>([
    [{ ...message, to: [] }, '/to'],
    [{ ...message, to: 'a@x.com,b@y.com' }, '/to'],
    [{ ...message, to: ['a@x.com', '"a@x" <b@y.com>, c@z.com'] }, '/to'],
    [{ ...message, to: { name: 'a', address: 'a@x.com' } }, '/to'],
    [{ ...message, to: Array.from({ length: 51 }, (_, index) => `a${index}@x.com`) }, '/to'],
    [{ ...message, cc: 'a@x.com\r\nBcc: v@x.com' }, '/cc'],
    [{ ...message, bcc: [7] }, '/bcc'],
    [{ ...message, subject: 'a\r\nBcc: v@x.com' }, '/subject'],
    [{ ...message, subject: 'a\nb' }, '/subject'],
    [{ ...message, subject: 'a\u2028b' }, '/subject'],
    [{ ...message, subject: '=?utf-8?q?=0d=0aBcc:v@x?=' }, '/subject'],
    [{ ...message, subject: 'x'.repeat(999) }, '/subject'],
    [{ ...message, subject: 7 }, '/subject'],
    [{ to: 'a@x.com', subject: 'x' }, '/text'],
    [{ to: 'a@x.com', subject: 'x', text: '', html: '' }, '/text'],
    [{ ...message, text: 'x'.repeat(500_001) }, '/text'],
    [{ ...message, html: { path: '/etc/passwd' } }, '/html'],
    [{ ...message, attachments: [{ path: '/etc/passwd' }] }, '/attachments'],
    [{ ...message, envelope: { size: '100\r\nRCPT TO:<v@x>' } }, '/envelope'],
    [{ ...message, from: 'ceo@example.com' }, '/from'],
  ])('refuses %j at %s', async (payload, pointer) => {
    expect(await pointersOf(anEmailHandler().handler, payload)).toEqual([pointer]);
  });

  it('names the recipient that is wrong', async () => {
    const { problems } = await submit(anEmailHandler().handler, { ...message, to: ['a@x.com', 'b'] });
    expect(problems[0]?.detail).toMatch(/^Recipient 2 of to is not exactly one address/);
  });

  it('says what to do with several in one text, and with brackets', async () => {
    const detailOf = async (to: string) =>
      (await submit(anEmailHandler().handler, { ...message, to })).problems[0]?.detail;
    expect(await detailOf('a@x.com, b@y.com')).toMatch(/use a list/);
    expect(await detailOf('a@x.com; b@y.com')).toMatch(/use a list/);
    expect(await detailOf('Support (Billing) <s@x.com>')).toMatch(/in quotation marks/);
  });

  it.each<[JsonObject, string[]]>([
    [{ cc: 'a@x.com' }, []],
    [{ bcc: ['a@x.com'] }, []],
    [{}, ['/to']],
    [{ to: null, cc: 'a@x.com' }, ['/to']],
    [{ to: [], bcc: 'a@x.com' }, ['/to']],
  ])('needs a recipient, of whatever kind: %j', async (recipients, pointers) => {
    const { handler } = anEmailHandler();
    expect(await pointersOf(handler, { subject: 'Hi', text: 'Hello', ...recipients })).toEqual(pointers);
  });

  it('is refused without a mail server, saying so', async () => {
    const { problems } = await submit(anEmailHandler(false).handler, message);
    expect(problems).toEqual([{ pointer: '', detail: expect.stringContaining('SMTP_HOST') }]);
  });

  it('takes of what the owner may send: each recipient counts', async () => {
    const { handler, asked } = anEmailHandler();
    const cc = ['b@x.com', 'c@x.com'];
    await (await submit(handler, { ...message, cc, bcc: 'd@x.com' })).run();
    expect(asked).toEqual([['u-1', 4]]);
  });

  it.each([
    [60_000, RetryLaterError],
    [null, NonRetryableError],
  ])('sends nothing when the quota is used up, and waits %p ms', async (retryAfterMs, error) => {
    const { handler, sent } = anEmailHandler(true, { quota: 'mailsPerHour', allowed: 5, used: 5, retryAfterMs });
    const failure = await (await submit(handler, message)).run().catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(error);
    expect(failure).toMatchObject({
      message: expect.stringMatching(/^MAIL_QUOTA_REACHED: .* 5 recipients in an hour .* has mailed 5; 1 more/),
      ...(retryAfterMs !== null && { retryAfterMs }),
    });
    expect(sent).toEqual([]);
  });

  it('parks a lost attempt', () => {
    expect(declarationOf(EmailHandler)?.onLost).toBe('park');
  });
});

describe('log', () => {
  it("writes its payload to the job's log and answers with it", async () => {
    const { run, lines } = await submit(new LogHandler(), { a: [1, 'ü'] });
    expect(await run()).toEqual({ a: [1, 'ü'] });
    expect(lines).toEqual(['{"a":[1,"ü"]}']);
  });
});
