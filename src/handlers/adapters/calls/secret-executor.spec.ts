import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger as NestLogger } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { Logger } from '../../../http/logging/logger.js';
import { newId } from '../../../kernel/ids.js';
import type { JsonObject } from '../../../kernel/json.js';
import type { Transaction } from '../../../kernel/transaction.js';
import { RetryLaterError } from '../../../runs/domain/outcome.js';
import { AesSecretCipher } from '../../../secrets/adapters/aes-secret-cipher.js';
import { SecretResolver } from '../../../secrets/services/secret-resolver.js';
import { aClaimedRun, anExecutor } from '../../../../test/support/executor.js';
import type { Handle } from '../../../../test/support/executor.js';
import { FixedClock } from '../../../../test/support/fixed-clock.js';
import { InMemorySecrets } from '../../../../test/support/in-memory/secrets.js';
import { SecretExecutor } from './secret-executor.js';

const clock = new FixedClock();
const cipher = new AesSecretCipher({
  secrets: { keys: [{ version: 1, key: randomBytes(32).toString('base64') }], perUser: 9 },
});
const owner = aClaimedRun().userId;
const value = 'hunter2+"/&é';
const reference: JsonObject = { deep: [{ password: { $secret: 'token' } }] };

let secrets: InMemorySecrets;
beforeEach(async () => {
  secrets = new InMemorySecrets(clock);
  await keep('token', value);
});

async function keep(name: string, text: string): Promise<void> {
  const binding = { id: newId(), userId: owner, name };
  const times = { createdAt: clock.now(), updatedAt: clock.now(), lastUsedAt: null };
  await secrets.insert({} as Transaction, { ...binding, ...times, ...cipher.seal(text, binding) });
}

/** Runs one attempt of a job whose payload refers to the secret. */
function attempt(handle: Handle, payload = reference) {
  const inner = anExecutor(handle);
  const executor = new SecretExecutor(inner.executor, new SecretResolver(secrets, cipher, clock));
  const outcome = executor.execute(aClaimedRun({ payload }), inner.tools);
  return { ...inner, outcome };
}

describe('SecretExecutor', () => {
  it('gives the handler the value, and takes it out of result, lines and progress', async () => {
    let seen: unknown;
    const { outcome, lines, steps } = attempt(({ payload, log, progress }) => {
      seen = payload;
      log(`sent ${JSON.stringify(payload)}`);
      progress(50, `with ${encodeURIComponent(value)}`);
      return { echo: value, [value]: [Buffer.from(`user:${value}`).toString('base64')] };
    });
    expect(await outcome).toEqual({ kind: 'succeeded', result: { echo: '***', '***': [expect.anything()] } });
    expect(JSON.stringify(await outcome)).not.toContain(Buffer.from(value).toString('base64').slice(4, 12));
    expect(seen).toEqual({ deep: [{ password: value }] });
    expect(lines).toEqual(['info: sent {"deep":[{"password":"***"}]}']);
    expect(steps).toEqual([[50, 'with ***']]);
  });

  it('takes it out of errors, their causes and results, and keeps what they say of trying again', async () => {
    const { outcome } = attempt(() => {
      const error = new RetryLaterError(`bad password ${value}`, 5_000);
      throw Object.assign(error, { cause: new Error(JSON.stringify(value)), result: { sent: value } });
    });
    expect(await outcome).toEqual({
      ...{ kind: 'failed', retryable: true, retryAfterMs: 5_000 },
      error: 'bad password ***\nCaused by: "***"',
      result: { sent: '***' },
    });
  });

  it('takes it out of what is written to the log of the process, also by what goes on afterwards', async () => {
    const written: string[] = [];
    const keepLine = (text: unknown) => Boolean(written.push(String(text)));
    jest.spyOn(process.stdout, 'write').mockImplementation(keepLine);
    jest.spyOn(process.stderr, 'write').mockImplementation(keepLine);
    try {
      for (const format of ['json', 'text'] as const) {
        const log = new Logger({ format, level: 'debug' });
        const { outcome } = attempt(async () => {
          log.log(`sending ${value}`, 'Work');
          await setImmediate();
          log.error(new Error(`refused ${value}`), `stack of ${value}`, 'Work');
          log.warn({ headers: { authorization: value } }, 'Work');
        });
        await outcome;
      }
    } finally {
      jest.restoreAllMocks();
    }
    expect(written.length).toBeGreaterThan(5);
    expect(written.join('')).toContain('sending ***');
    expect(written.join('')).not.toContain('hunter2');
  });

  it('asks for nothing where nothing refers to a secret, and hands the run over as it is', async () => {
    const asked = jest.spyOn(secrets, 'findNamed');
    const payload = { plain: [1, { text: '$secret' }] };
    let seen: unknown;
    await attempt((context) => void (seen = context.payload), payload).outcome;
    expect(seen).toBe(payload);
    expect(asked).not.toHaveBeenCalled();
  });

  it.each<[string, JsonObject, RegExp]>([
    ['is gone', { a: { $secret: 'gone' } }, /^The payload refers to the secret "gone", which no longer exists\.$/],
    [
      'is referred to wrongly',
      { a: { $secret: 7 } },
      /^The payload has a malformed reference to a secret at \/a\/\$secret: /,
    ],
  ])('fails for good, without calling the handler, when one %s', async (_, payload, error) => {
    const handle = jest.fn();
    const { outcome } = attempt(handle, payload);
    expect(await outcome).toEqual({ kind: 'failed', retryable: false, error: expect.stringMatching(error) });
    expect(handle).not.toHaveBeenCalled();
  });

  it('fails for good, and tells the operator, when one cannot be opened', async () => {
    const told = jest.spyOn(NestLogger.prototype, 'error').mockImplementation(() => undefined);
    for (const row of secrets.rows.values()) row.name = 'renamed';
    const { outcome } = attempt(() => 1, { a: { $secret: 'renamed' } });
    expect(await outcome).toMatchObject({
      kind: 'failed',
      retryable: false,
      error: expect.stringContaining('"renamed" cannot be opened'),
    });
    expect(told).toHaveBeenCalledWith(expect.stringContaining('"renamed" cannot be opened'));
    jest.restoreAllMocks();
  });

  it('is tried again when the database does not answer, and says nothing of why', async () => {
    jest.spyOn(NestLogger.prototype, 'warn').mockImplementation(() => undefined);
    jest.spyOn(secrets, 'findNamed').mockRejectedValue(new Error('SELECT … connection to 10.0.0.7 lost'));
    expect(await attempt(() => 1).outcome).toEqual({
      ...{ kind: 'failed', retryable: true, error: 'The secrets of the payload could not be read just now.' },
    });
    jest.restoreAllMocks();
  });

  it('does not fail an attempt because its use cannot be noted', async () => {
    jest.spyOn(secrets, 'touch').mockRejectedValue(new Error('away'));
    expect(await attempt(() => 'done').outcome).toEqual({ kind: 'succeeded', result: 'done' });
    jest.restoreAllMocks();
  });
});
