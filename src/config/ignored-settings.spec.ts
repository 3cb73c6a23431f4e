import { describe, expect, it } from '@jest/globals';
import { readConfig } from './config.js';
import { ConfigError } from './environment-reader.js';

const problemsOf = (environment: Record<string, string>): readonly string[] => {
  try {
    readConfig({ JWT_SECRET: 'Zr4u7w!z%C*F-JaNdRgUkXp2s5v8y/B?', ...environment });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

describe('a setting that would be ignored', () => {
  it.each([
    ['DB_URL', 'DATABASE_URL'],
    ['DB_USER', 'DB_USERNAME'],
    ['DB_NAME', 'DB_DATABASE'],
    ['DB_SSLMODE', 'DB_SSL'],
    ['DB_SSL_ROOT', 'take it out'],
    ['DATABASE_HOST', 'DB_HOST'],
    ['REDIS_URI', 'REDIS_URL'],
    ['REDIS_TLS_CA', 'REDIS_SSL_CA'],
    ['REDIS_CLUSTER_NODES', 'take it out'],
    ['PGHOST', 'DB_HOST'],
    ['PGSSLMODE', 'DB_SSL'],
    ['PGSSLROOTCERT', 'DB_SSL_CA'],
    ['PGSSLCRL', 'take it out'],
  ])('%s stops the boot, which names it and what to do: %s', (name, instead) => {
    const problems = problemsOf({ [name]: 'secret-value' });
    expect(problems).toEqual([expect.stringMatching(`^${name} is not a setting .*${instead}`)]);
    expect(problems.join()).not.toContain('secret-value');
  });

  it.each<Record<string, string>>([
    { REDIS_SENTINELS: 'a', REDIS_HOST: 'b' },
    { REDIS_CLUSTER: 'a', REDIS_PORT: '6379' },
    { REDIS_SENTINELS: 'a', REDIS_URL: 'redis://b' },
    { REDIS_SENTINEL_NAME: 'main' },
    { REDIS_SENTINEL_PASSWORD: 'x' },
    { REDIS_SSL: 'disable', REDIS_TLS: 'true' },
    { REDIS_SSL: 'require', REDIS_TLS: 'false' },
    { REDIS_SSL: 'disable', REDIS_URL: 'rediss://b' },
  ])('is refused beside what replaces it: %j', (environment) => {
    expect(problemsOf(environment)).toHaveLength(1);
  });

  it.each<Record<string, string>>([
    { DB_URL: '', PGSSLMODE: ' ' },
    { PGHOST: 'elsewhere', PGUSER: 'ada', DB_HOST: 'here' },
    { PGPASSWORD: 'x', DATABASE_URL: 'postgresql://here/jobs' },
    { DB_SERVICE_HOST: '10.0.0.1', DB_PORT_5432_TCP_ADDR: '10.0.0.1', DB_SERVICE_PORT_HTTP: '1', DB_ENV_LANG: 'C' },
    { REDIS_SERVICE_PORT: '6379', REDIS_PORT_6379_TCP: 'tcp://10.0.0.1:6379' },
    { REDIS_SSL: 'require', REDIS_TLS: 'true' },
    { REDIS_SSL: 'require', REDIS_URL: 'rediss://b' },
    { REDIS_SENTINELS: 'a', REDIS_URL: '', REDIS_SENTINEL_PASSWORD: 'x' },
  ])('is not: %j', (environment) => {
    expect(problemsOf(environment)).toEqual([]);
  });
});
