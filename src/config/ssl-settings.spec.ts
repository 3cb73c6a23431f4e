import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EnvironmentReader } from './environment-reader.js';
import { readSsl, tlsOptions } from './ssl-settings.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'punctual-ssl-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (environment: Record<string, string>, host = 'db.example.com') => {
  const reader = new EnvironmentReader(environment);
  return { ssl: readSsl(reader, 'DB', 'disable', host), problems: reader.problems };
};
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
const locked = privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' }).toString();

describe('readSsl', () => {
  it('encrypts nothing by default', () => {
    const { ssl, problems } = read({});
    expect([tlsOptions(ssl, 'a'), problems]).toEqual([undefined, []]);
  });

  it('believes anybody with require, and only who proves the name with verify-full', () => {
    expect(tlsOptions(read({ DB_SSL: 'require' }).ssl, 'a')).toEqual({ host: 'a', rejectUnauthorized: false });
    expect(tlsOptions(read({ DB_SSL: 'verify-full' }).ssl, 'a')).toEqual({ host: 'a', rejectUnauthorized: true });
  });

  it('takes a key as a file, as text and as text in one line', () => {
    const path = join(folder, 'key.pem');
    writeFileSync(path, key);
    for (const value of [path, key, key.trim().replaceAll('\n', String.raw`\n`)]) {
      const { ssl, problems } = read({ DB_SSL: 'require', DB_SSL_KEY: value });
      expect(ssl.key?.trim()).toBe(key.trim());
      expect(problems).toEqual([expect.stringContaining('belong together')]);
    }
  });

  it.each<[Record<string, string>, RegExp, string]>([
    [{ DB_SSL: 'prefer' }, /^DB_SSL is "prefer"; it must be one of disable, require, verify-full/, 'db'],
    [
      { DB_SSL: 'verify-full', DB_SSL_CA: '/nowhere/ca.pem' },
      /^DB_SSL_CA names a file that cannot be read \(ENOENT\)/,
      'db',
    ],
    [{ DB_SSL: 'verify-full', DB_SSL_CA: '-----BEGIN nonsense' }, /^DB_SSL_CA holds nothing in PEM/, 'db'],
    [{ DB_SSL: 'require' }, /^DB_SSL is require, and \/run\/postgresql is a Unix socket/, '/run/postgresql'],
  ])('refuses %j', (environment, problem, host) => {
    expect(read(environment, host).problems).toEqual([expect.stringMatching(problem)]);
  });

  it('refuses what its mode would ignore', () => {
    expect(read({ DB_SSL_CA: '/ca' }).problems).toContainEqual(expect.stringMatching(/^DB_SSL_CA would be ignored/));
    const loose = read({ DB_SSL: 'require', DB_SSL_CA: '/ca' }).problems;
    expect(loose).toContainEqual(expect.stringMatching(/^DB_SSL_CA would be ignored: DB_SSL is require/));
  });

  it('repeats no key that it refuses', () => {
    const { problems } = read({ DB_SSL: 'require', DB_SSL_CERT: locked, DB_SSL_KEY: locked });
    expect(problems).toHaveLength(2);
    expect(problems.join()).not.toContain(locked.split('\n')[1]);
  });
});
