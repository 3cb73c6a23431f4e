import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { EnvironmentReader } from './environment-reader.js';
import { readSecrets } from './secret-settings.js';

function read(keys: string, production = true) {
  const reader = new EnvironmentReader({ SECRETS_KEYS: keys });
  return { keys: readSecrets(reader, production).keys, problems: reader.problems };
}
const aKey = () => randomBytes(32).toString('base64');

describe('SECRETS_KEYS', () => {
  it('is read as versions and keys in their order', () => {
    const [old, current] = [aKey(), randomBytes(32).toString('base64url')];
    expect(read(` 2:${current} , 1:${old}`)).toEqual({
      keys: [
        { version: 2, key: current },
        { version: 1, key: old },
      ],
      problems: [],
    });
    expect(read('')).toEqual({ keys: [], problems: [] });
  });

  it.each([
    ['without a version', (key: string) => key],
    ['of version 0', (key: string) => `0:${key}`],
    ['of a version that is no number', (key: string) => `a:${key}`],
    ['of a version beyond a column of the table', (key: string) => `2147483648:${key}`],
    ['too short', (key: string) => `1:${key.slice(0, 40)}`],
    ['too long', (key: string) => `1:${key.slice(0, 40)}${key}`],
    ['cut at the comma', (key: string) => `1:${key},`],
  ])('is refused %s, and not repeated', (_, write) => {
    const key = aKey();
    const { problems } = read(write(key));
    expect(problems.join()).toMatch(/^SECRETS_KEYS is wrong at entry [12]/);
    expect(problems.join()).not.toContain(key.slice(0, 40));
  });

  it('names no version twice', () => {
    expect(read(`1:${aKey()},1:${aKey()}`).problems).toEqual([expect.stringContaining('twice')]);
  });

  it('takes no placeholder in production', () => {
    const zeros = `1:${Buffer.alloc(32).toString('base64')}`;
    expect(read(zeros).problems).toEqual([expect.stringContaining('placeholder')]);
    expect(read(zeros, false).problems).toEqual([]);
  });
});
