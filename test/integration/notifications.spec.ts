import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Global, Logger, Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { TestingModule } from '@nestjs/testing';
import { readConfig } from '../../src/config/config.js';
import { ConfigModule } from '../../src/config/config.module.js';
import { HandlersModule } from '../../src/handlers/handlers.module.js';
import { KernelModule } from '../../src/kernel/kernel.module.js';
import { NotificationsModule } from '../../src/notifications/notifications.module.js';
import { IFailureNotices } from '../../src/runs/interfaces/failure-notices.js';
import type { FailureNotice } from '../../src/runs/domain/failure-notice.js';
import { MailsUnlimited } from '../support/mails-unlimited.js';
import { Uncounted } from '../support/uncounted.js';
import { aMailServer, refusal } from './handlers/mail-server.js';
import type { MailServer } from './handlers/mail-server.js';
import { NoSecrets } from './handlers/program.js';

const runId = '0190d5a8-0000-7000-8000-000000000001';
const intervalMs = 50;
const threeIntervalsMs = 3 * intervalMs;

/** Notices kept in memory; `settled` resolves when none is owed any more or one was postponed. */
function owing(owed: FailureNotice[]) {
  let settle: (how: string) => void;
  let takes = 0;
  const settled = new Promise<string>((resolve) => (settle = resolve));
  const notices: IFailureNotices = {
    take: (limit) => {
      takes += 1;
      return Promise.resolve(owed.splice(0, limit));
    },
    done: async () => settle('done'),
    postpone: async (_runId, delayMs) => settle(`postponed by ${delayMs} ms`),
  };
  return { notices, settled, takes: () => takes };
}

@Global()
@Module({})
class OwedModule {
  static of(notices: IFailureNotices): DynamicModule {
    return {
      module: OwedModule,
      providers: [{ provide: IFailureNotices, useValue: notices }],
      exports: [IFailureNotices],
    };
  }
}

const aNotice: FailureNotice = {
  ...{
    runId,
    jobId: 'job-1',
    jobName: 'Nightly\r\nBcc: eve@example.com',
    handler: 'http',
    error: 'status 500: <b>down</b>',
    tries: 0,
  },
  attempts: [{ number: 1, status: 'failed', startedAt: new Date(0), completedAt: new Date(40), errorMessage: 'first' }],
  ...{ nominalAt: new Date('2026-03-01T02:30:00Z'), failedAt: new Date('2026-03-01T02:31:00Z') },
  ...{ ownerId: 'ada', ownerEmail: 'ada@example.com', ownerName: 'Ada' },
};

let program: TestingModule | undefined;
let server: MailServer | undefined;

async function start(notices: IFailureNotices, settings: Record<string, string>): Promise<TestingModule> {
  const config = readConfig({
    JWT_SECRET: 'integration-tests-need-no-real-secret',
    NOTIFY_INTERVAL_MS: String(intervalMs),
    ...settings,
  });
  const parts = [HandlersModule, MailsUnlimited, Uncounted, NoSecrets, OwedModule.of(notices), NotificationsModule];
  const imports = [KernelModule, ConfigModule.of(config), ...parts];
  program = await Test.createTestingModule({ imports }).compile();
  return program.init();
}

const smtp = ({ port }: MailServer): Record<string, string> => ({ SMTP_HOST: '127.0.0.1', SMTP_PORT: String(port) });

afterEach(async () => {
  await program?.close();
  await server?.close();
  program = server = undefined;
  jest.restoreAllMocks();
});

describe('the owner of a run that has failed for good', () => {
  it('is told once, with the error and the attempts', async () => {
    server = await aMailServer();
    const { notices, settled } = owing([aNotice]);
    await start(notices, { ...smtp(server), PUBLIC_URL: 'https://jobs.example.com' });
    expect(await settled).toBe('done');
    expect(server.taken).toHaveLength(1);
    const { email, recipients } = server.taken[0]!;
    expect(recipients).toEqual(['ada@example.com']);
    expect(email).toMatchObject({
      ...{ messageId: `<${runId}.failed@localhost>`, subject: 'Job failed: Nightly Bcc: eve@example.com' },
      to: [{ address: 'ada@example.com' }],
      html: expect.stringContaining('&lt;b&gt;down&lt;/b&gt;'),
    });
    for (const part of [
      'status 500: <b>down</b>',
      '1  failed  1970-01-01T00:00:00.000Z  40 ms  first',
      `https://jobs.example.com/runs/${runId}`,
    ])
      expect(email.text).toContain(part);
  });

  it('is told later when the server is busy', async () => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    server = await aMailServer({ onRcptTo: (_address, _session, done) => done(refusal(451, 'Later')) });
    const { notices, settled } = owing([aNotice]);
    await start(notices, smtp(server));
    expect(await settled).toBe('postponed by 30000 ms');
  });

  it('is not told without a mail server, which is said once', async () => {
    const warned = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const { notices, settled } = owing([aNotice, { ...aNotice, runId: 'other' }]);
    await start(notices, {});
    expect(await settled).toBe('done');
    expect(warned.mock.calls.filter(([line]) => String(line).includes('SMTP_HOST'))).toHaveLength(1);
  });
});

describe('the duty', () => {
  it('stops with the program, also while the mail server says nothing, and what it held is owed still', async () => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const connected = new Promise<void>((resolve) => {
      void aMailServer({ onConnect: () => resolve() }).then((silent) => (server = silent));
    });
    while (!server) await new Promise(setImmediate);
    const { notices, settled, takes } = owing([aNotice]);
    const running = await start(notices, { ...smtp(server), STOP_GRACE_MS: '50' });
    await connected;
    await running.close();
    expect(await settled).toBe('postponed by 30000 ms');
    const taken = takes();
    await new Promise((resolve) => setTimeout(resolve, threeIntervalsMs));
    expect(takes()).toBe(taken);
  });

  it('is not for a process that only answers HTTP', async () => {
    const { notices, takes } = owing([aNotice]);
    await start(notices, { ROLES: 'api' });
    await new Promise((resolve) => setTimeout(resolve, threeIntervalsMs));
    expect(takes()).toBe(0);
  });
});
