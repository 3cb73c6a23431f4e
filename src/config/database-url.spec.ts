import { describe, expect, it } from '@jest/globals';
import { readDatabaseAddress } from './database-settings.js';
import { EnvironmentReader } from './environment-reader.js';

const address = (environment: Record<string, string>) => {
  const reader = new EnvironmentReader(environment);
  return { ...readDatabaseAddress(reader), problems: reader.problems };
};

describe('DATABASE_URL', () => {
  it.each([
    ['postgresql://', { host: '127.0.0.1', port: 5432, username: 'punctual', password: '', database: 'punctual' }],
    [
      'postgres://ada:p%40ss%2Fword@db.example.com:6432/jobs',
      { host: 'db.example.com', port: 6432, username: 'ada', password: 'p@ss/word', database: 'jobs' },
    ],
    ['postgresql://db/jobs?sslmode=require', { host: 'db', database: 'jobs', ssl: { mode: 'require' } }],
    ['postgresql://db/jobs?sslmode=verify-full', { host: 'db', ssl: { mode: 'verify-full' } }],
    ['postgresql://db?sslmode=disable', { host: 'db', database: 'punctual', ssl: { mode: 'disable' } }],
    ['postgresql://[::1]:5433/jobs', { host: '::1', port: 5433 }],
    ['postgresql://%2Frun%2Fpostgresql/jobs', { host: '/run/postgresql', database: 'jobs' }],
    ['postgresql://ada@/jobs?host=/run/postgresql', { host: '/run/postgresql', username: 'ada', database: 'jobs' }],
  ])('is obeyed: %s', (url, expected) => {
    expect(address({ DATABASE_URL: url })).toMatchObject({ ...expected, problems: [] });
  });

  it.each([
    ['mysql://db/jobs', 'postgresql://user:password@host'],
    ['postgresql://db:0/jobs', 'postgresql://user:password@host'],
    ['postgresql://db:99999/jobs', 'postgresql://user:password@host'],
    ['postgresql://a,b/jobs', 'one host'],
    ['postgresql://u:se@cret@db/jobs', '%40'],
    ['postgresql://db/jobs/more', 'postgresql://user:password@host'],
    ['postgresql://db/%zz', 'percent-encoded'],
    ['postgresql://db/jobs?sslmode=prefer', 'sslmode=prefer'],
    ['postgresql://db/jobs?sslrootcert=/ca', 'DB_SSL_CA'],
    ['postgresql://db/jobs?sslcert=/c', 'DB_SSL_CERT'],
    ['postgresql://db/jobs?sslkey=/k', 'DB_SSL_KEY'],
    ['postgresql://db/jobs?schema=app', 'schema'],
    ['postgresql://db/jobs?host=other', 'host'],
    ['postgresql://db/jobs?constructor=x', 'constructor'],
  ])('is refused where it would not be obeyed, and not repeated: %s', (url, named) => {
    const { problems } = address({ DATABASE_URL: url });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^DATABASE_URL/);
    expect(problems[0]).toContain(named);
    expect(problems[0]).not.toContain('cret@');
  });

  it.each(['DB_HOST', 'DB_PORT', 'DB_USERNAME', 'DB_PASSWORD', 'DB_DATABASE'])('is not mixed with %s', (name) => {
    const { problems } = address({ DATABASE_URL: 'postgresql://db/jobs', [name]: '1' });
    expect(problems).toEqual([expect.stringContaining(`DATABASE_URL and ${name} are both set`)]);
  });

  it('does not contradict DB_SSL', () => {
    const url = 'postgresql://db/jobs?sslmode=disable';
    expect(address({ DATABASE_URL: url, DB_SSL: 'require' }).problems).toEqual([expect.stringContaining('sslmode')]);
    expect(address({ DATABASE_URL: url, DB_SSL: 'disable' }).problems).toEqual([]);
    expect(address({ DATABASE_URL: 'postgresql://db', DB_SSL: 'require' })).toMatchObject({ ssl: { mode: 'require' } });
  });
});
