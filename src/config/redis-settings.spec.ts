import { describe, expect, it } from '@jest/globals';
import { EnvironmentReader } from './environment-reader.js';
import { readRedis } from './redis-settings.js';

const settings = (environment: Record<string, string>) => {
  const reader = new EnvironmentReader(environment);
  return { ...readRedis(reader), problems: reader.problems };
};

describe('readRedis', () => {
  it('finds a server on this machine by default', () => {
    expect(settings({})).toMatchObject({
      host: '127.0.0.1',
      port: 6379,
      ssl: { mode: 'disable' },
      prefix: '{punctual}',
      problems: [],
    });
  });

  it('reads a URL, and keeps the TLS of rediss://', () => {
    expect(settings({ REDIS_URL: 'rediss://u:p%40ss@cache.example.com:6390' })).toMatchObject({
      host: 'cache.example.com',
      port: 6390,
      username: 'u',
      password: 'p@ss',
      ssl: { mode: 'verify-full' },
      problems: [],
    });
  });

  it('lets single settings win over the URL', () => {
    expect(settings({ REDIS_URL: 'redis://cache:1', REDIS_HOST: 'other', REDIS_TLS: 'true' })).toMatchObject({
      host: 'other',
      port: 1,
      ssl: { mode: 'verify-full' },
    });
  });

  it.each([
    ['redis://cache/5', { host: 'cache', db: 5 }],
    ['redis://cache/', { host: 'cache', db: 0 }],
    ['redis://[::1]:6380/2', { host: '::1', port: 6380, db: 2 }],
  ])('obeys the database and the address of %s', (url, expected) => {
    expect(settings({ REDIS_URL: url })).toMatchObject({ ...expected, problems: [] });
  });

  it.each(['redis://cache/orders', 'redis://cache/1/2', 'redis://cache?db=5', 'redis://cache/0#x', 'redis://cache/-1'])(
    'refuses what it would not obey: %s',
    (url) => {
      expect(settings({ REDIS_URL: url }).problems.join()).toContain('REDIS_URL');
    },
  );

  it('does not repeat a URL that it refuses: it may hold a password', () => {
    const { problems } = settings({ REDIS_URL: 'http://u:secret@cache' });
    expect(problems).toHaveLength(1);
    expect(problems[0]).not.toContain('secret');
  });

  it('reads Sentinels and cluster nodes, with their own default ports', () => {
    expect(settings({ REDIS_SENTINELS: 'a, b:5, [::1]:6' }).sentinels).toEqual([
      { host: 'a', port: 26_379 },
      { host: 'b', port: 5 },
      { host: '::1', port: 6 },
    ]);
    expect(settings({ REDIS_CLUSTER: 'a,b:7' }).cluster).toEqual([
      { host: 'a', port: 6379 },
      { host: 'b', port: 7 },
    ]);
  });

  it.each<[Record<string, string>, string]>([
    [{ REDIS_SENTINELS: 'a b' }, 'REDIS_SENTINELS'],
    [{ REDIS_SENTINELS: 'a', REDIS_CLUSTER: 'b' }, 'both set'],
    [{ REDIS_CLUSTER: 'b', REDIS_PREFIX: 'punctual' }, 'braces'],
    [{ REDIS_CLUSTER: 'b', REDIS_DB: '3' }, 'REDIS_DB'],
  ])('refuses %j', (environment, named) => {
    const { problems } = settings(environment);
    expect(problems.join()).toContain(named);
  });
});
