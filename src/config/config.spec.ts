import { describe, expect, it } from '@jest/globals';
import { readConfig } from './config.js';
import { ConfigError } from './environment-reader.js';

const secret = 'Zr4u7w!z%C*F-JaNdRgUkXp2s5v8y/B?';
const problemsOf = (environment: Record<string, string>): readonly string[] => {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

describe('readConfig', () => {
  it('needs nothing but a secret', () => {
    const config = readConfig({ JWT_SECRET: secret });
    expect(config).toMatchObject({ nodeEnv: 'development', port: 3000, roles: ['api', 'worker', 'ticker'] });
    expect(config.retry).toEqual({ maxRetries: 3, baseDelayMs: 1_000, maxDelayMs: 3_600_000 });
  });

  it('is frozen, all the way down', () => {
    const config = readConfig({ JWT_SECRET: secret });
    expect(Object.isFrozen(config)).toBe(true);
    for (const part of Object.values(config)) expect(Object.isFrozen(part)).toBe(true);
  });

  it('lists everything that is wrong at once, each with what is allowed', () => {
    const problems = problemsOf({
      PORT: '70000',
      ROLES: 'api,boss',
      NODE_ENV: 'prod',
      REDIS_TLS: 'perhaps',
      JWT_EXPIRATION: 'soon',
    });
    expect(problems).toHaveLength(6);
    for (const name of ['PORT', 'ROLES', 'NODE_ENV', 'REDIS_TLS', 'JWT_EXPIRATION', 'JWT_SECRET'])
      expect(problems.some((problem) => problem.startsWith(name))).toBe(true);
    expect(problems.find((problem) => problem.startsWith('PORT'))).toContain('0 to 65535');
  });

  it('takes no connection for dead while its statement may still be slow', () => {
    const allowed = readConfig({ JWT_SECRET: secret, DB_STATEMENT_TIMEOUT_MS: '60000' });
    expect(allowed.database.silenceMs).toBe(65_000);
    const [problem] = problemsOf({ JWT_SECRET: secret, DB_STATEMENT_TIMEOUT_MS: '2000', DB_SILENCE_MS: '2000' });
    expect(problem).toMatch(/^DB_SILENCE_MS .*above DB_STATEMENT_TIMEOUT_MS, 2000/);
  });

  it('refuses addresses that the head of a request could not hold', () => {
    const [problem] = problemsOf({ JWT_SECRET: secret, HTTP_MAX_URL_LENGTH: '9000', HTTP_MAX_HEADER_BYTES: '8192' });
    expect(problem).toMatch(/^HTTP_MAX_URL_LENGTH .*below HTTP_MAX_HEADER_BYTES, 8192/);
    const quick = readConfig({ JWT_SECRET: secret, HTTP_REQUEST_TIMEOUT_MS: '3000' });
    expect(quick.http).toMatchObject({ requestTimeoutMs: 3_000, headTimeoutMs: 3_000 });
  });

  it('counts an empty value as not set', () => {
    expect(readConfig({ JWT_SECRET: secret, PORT: '', REDIS_PASSWORD: ' ' })).toMatchObject({ port: 3000 });
  });

  it.each([
    ['900', 900],
    ['15m', 900],
    ['12h', 43_200],
    ['7d', 604_800],
  ])('reads the duration %s', (text, seconds) => {
    expect(readConfig({ JWT_SECRET: secret, JWT_EXPIRATION: text }).auth.jwtExpirationSeconds).toBe(seconds);
  });

  it.each([
    ['none', ''],
    ['a short one', 'short'],
    ['31 bytes', 'Zr4u7w!z%C*F-JaNdRgUkXp2s5v8y/B'],
    ['a placeholder', 'your-super-secret-jwt-key-change-in-production'],
    ['a repeated character', 'a'.repeat(64)],
  ])('production refuses %s for a secret', (_name, weak) => {
    const problems = problemsOf({ NODE_ENV: 'production', JWT_SECRET: weak });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^JWT_SECRET .*Make one with/);
    if (weak.length > 10) expect(problems[0]).not.toContain(weak);
  });

  it('production takes a strong secret', () => {
    expect(readConfig({ NODE_ENV: 'production', JWT_SECRET: secret })).toMatchObject({
      production: true,
      log: { format: 'json' },
    });
  });
});
