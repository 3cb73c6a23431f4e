import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { readConfig } from '../../config/config.js';
import type { IMailer, Mail } from '../../handlers/interfaces/mailer.js';
import { NonRetryableError } from '../../runs/domain/outcome.js';
import type { FailureNotice } from '../../runs/domain/failure-notice.js';
import type { MailQuotaService } from '../../quotas/services/mail-quota.service.js';
import type { IFailureNotices } from '../../runs/interfaces/failure-notices.js';
import { FailureNotifier } from './failure-notifier.js';

const aNotice = (changes: Partial<FailureNotice> = {}): FailureNotice => ({
  ...{ runId: 'run-1', jobId: 'job-1', jobName: 'Nightly', handler: 'http', error: 'down', attempts: [] },
  ...{
    nominalAt: new Date(0),
    failedAt: new Date(1),
    ownerId: 'ada',
    ownerEmail: 'ada@example.com',
    ownerName: 'Ada',
    tries: 0,
  },
  ...changes,
});

function aNotifier(
  owed: FailureNotice[],
  {
    error,
    isConfigured = true,
    settings = {},
    mailQuota = Infinity,
  }: { error?: Error; isConfigured?: boolean; settings?: Record<string, string>; mailQuota?: number } = {},
) {
  const sent: Mail[] = [];
  const done: string[] = [];
  const postponed: [string, number][] = [];
  const notices: IFailureNotices = {
    take: (limit) => Promise.resolve(owed.splice(0, limit)),
    done: (runId) => Promise.resolve(void done.push(runId)),
    postpone: (runId, delayMs) => Promise.resolve(void postponed.push([runId, delayMs])),
  };
  const mailer: IMailer = {
    isConfigured,
    send: (mail) => {
      sent.push(mail);
      return error ? Promise.reject(error) : Promise.resolve({ messageId: '<x>', accepted: [], rejected: [] });
    },
  };
  const config = readConfig({ JWT_SECRET: 'a'.repeat(40), ...settings });
  const refusal = { quota: 'mailsPerHour', allowed: mailQuota, used: mailQuota, retryAfterMs: 1 } as const;
  const quota = { take: async () => ((mailQuota -= 1) < 0 ? refusal : undefined) } as unknown as MailQuotaService;
  return { notifier: new FailureNotifier(notices, mailer, config, quota), sent, done, postponed };
}

const logged = { warn: jest.spyOn(Logger.prototype, 'warn'), error: jest.spyOn(Logger.prototype, 'error') };
beforeEach(() => Object.values(logged).forEach((spy) => spy.mockReset().mockImplementation(() => undefined)));
afterEach(() => void jest.clearAllMocks());

describe('FailureNotifier', () => {
  it('mails the owner once, under an id of the run', async () => {
    const { notifier, sent, done } = aNotifier([aNotice()]);
    await notifier.notifyOwed();
    expect(sent).toMatchObject([
      {
        ...{ id: 'run-1.failed', to: ['ada@example.com'], subject: 'Job failed: Nightly' },
        headers: { 'Auto-Submitted': 'auto-generated' },
      },
    ]);
    expect(done).toEqual(['run-1']);
  });

  it('mails no more than the quota of the owner lets it, and says so in the log', async () => {
    const owed = ['run-1', 'run-2', 'run-3'].map((runId) => aNotice({ runId }));
    const { notifier, sent, done, postponed } = aNotifier(owed, { mailQuota: 1 });
    await notifier.notifyOwed();
    expect([sent.length, done.sort(), postponed]).toEqual([1, ['run-1', 'run-2', 'run-3'], []]);
    expect(logged.warn.mock.calls.map(([line]) => line)).toEqual([
      expect.stringMatching(/quota of mails/),
      expect.stringMatching(/quota of mails/),
    ]);
  });

  it('puts no line break of a job name into the subject', async () => {
    const { notifier, sent } = aNotifier([aNotice({ jobName: 'a\r\nBcc: v@x.com\u2028=?utf-8?q?=0d=0a?=' })]);
    await notifier.notifyOwed();
    expect(sent[0]?.subject).toBe('Job failed: a Bcc: v@x.com = ?utf-8?q?=0d=0a?=');
  });

  it('goes on at once while there may be more', async () => {
    const { notifier, done } = aNotifier(Array.from({ length: 13 }, (_, index) => aNotice({ runId: `run-${index}` })));
    expect(await notifier.notifyOwed()).toBe(true);
    expect(await notifier.notifyOwed()).toBe(false);
    expect(done).toHaveLength(13);
  });

  it.each([
    [0, 30_000],
    [3, 240_000],
  ])('after %i tries tries again in %i ms', async (tries, delayMs) => {
    const { notifier, done, postponed } = aNotifier([aNotice({ tries })], { error: new Error('no connection') });
    await notifier.notifyOwed();
    expect([done, postponed]).toEqual([[], [['run-1', delayMs]]]);
  });

  it.each([
    ['the tenth try', new Error('no connection'), 9],
    ['a refusal for good', new NonRetryableError('no such user'), 0],
  ])('gives up after %s, with an error in the log', async (_, error, tries) => {
    const { notifier, done, postponed } = aNotifier([aNotice({ tries })], { error });
    await notifier.notifyOwed();
    expect([done, postponed]).toEqual([['run-1'], []]);
    expect(logged.error).toHaveBeenCalledWith(expect.stringContaining('given up'));
  });

  it('does not let one failure hold up the others', async () => {
    const { notifier, sent, postponed } = aNotifier([aNotice(), aNotice({ runId: 'run-2' })], {
      error: new Error('no'),
    });
    await notifier.notifyOwed();
    expect([sent.length, postponed.length]).toEqual([2, 2]);
  });

  it('without a mail server marks notices done and sends nothing', async () => {
    const { notifier, sent, done } = aNotifier([aNotice()], { isConfigured: false });
    await notifier.notifyOwed();
    expect([sent, done]).toEqual([[], ['run-1']]);
  });

  it.each([
    [false, {}, 1],
    [true, {}, 0],
    [false, { NOTIFY_ON_FAILURE: 'false' }, 0],
  ])('with a mail server %p and settings %p says %i times that none is there', (isConfigured, settings, times) => {
    aNotifier([], { isConfigured, settings }).notifier.announce();
    expect(logged.warn).toHaveBeenCalledTimes(times);
  });

  it('breaks off what is being sent', async () => {
    const { notifier, sent } = aNotifier([aNotice()]);
    await notifier.notifyOwed();
    notifier.breakOff();
    expect(sent[0]?.signal?.aborted).toBe(true);
  });
});
