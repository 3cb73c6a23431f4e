import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { withoutRollback } from '../../../test/support/in-memory/accounts.js';
import { InMemorySecrets } from '../../../test/support/in-memory/secrets.js';
import { newId } from '../../kernel/ids.js';
import { AesSecretCipher } from '../adapters/aes-secret-cipher.js';
import { SecretKeyCheck } from './secret-key-check.js';

const at = new Date('2026-01-01T00:00:00Z');
const aKey = (version: number) => ({ version, key: randomBytes(32).toString('base64') });
const cipherOf = (...keys: ReturnType<typeof aKey>[]) => new AesSecretCipher({ secrets: { keys, perUser: 1 } });
const [one, otherOne, two] = [aKey(1), aKey(1), aKey(2)];

function installation() {
  const secrets = new InMemorySecrets({ now: () => at });
  const check = (...keys: ReturnType<typeof aKey>[]) => new SecretKeyCheck(secrets, cipherOf(...keys)).check();
  const store = (key: ReturnType<typeof aKey>) => {
    const binding = { id: newId(), userId: newId(), name: 'token' };
    const secret = { ...binding, createdAt: at, updatedAt: at, lastUsedAt: null };
    return withoutRollback.run((tx) => secrets.insert(tx, { ...secret, ...cipherOf(key).seal('value', binding) }));
  };
  return { secrets, check, store };
}
const refusal = (version: number, unused: number) =>
  new RegExp(`another key as version ${version} .*never used, such as "${unused}:<key>"`);

describe('SecretKeyCheck', () => {
  it('holds every later process to the key that it saw first', async () => {
    const { check } = installation();
    await check(one);
    await check(one);
    await expect(check(otherOne)).rejects.toThrow(refusal(1, 2));
    await expect(check(two, otherOne)).rejects.toThrow(refusal(1, 3));
    await check(two, one);
    await check(two);
    await expect(check(aKey(2))).rejects.toThrow(refusal(2, 3));
    await expect(check(otherOne)).rejects.toThrow(refusal(1, 3));
  });

  it('believes a version without a mark when it opens what it has sealed', async () => {
    const { check, store, secrets } = installation();
    await store(one);
    await expect(check(otherOne)).rejects.toThrow(refusal(1, 2));
    expect(secrets.marks.size).toBe(0);
    await check(one);
    await expect(check(otherOne)).rejects.toThrow(refusal(1, 2));
  });

  it('is not misled by one secret that was written to', async () => {
    const { check, store, secrets } = installation();
    await store(otherOne);
    await store(one);
    await check(one);
    expect([...secrets.marks.keys()]).toEqual([1]);
  });

  it('of two processes at once with other keys takes one', async () => {
    const { check } = installation();
    const ends = await Promise.allSettled([check(one), check(otherOne)]);
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('names every version that is another, and asks nothing of who has no key', async () => {
    const { check } = installation();
    await check(one, two);
    await expect(check(otherOne, aKey(2))).rejects.toMatchObject({
      problems: [expect.stringMatching(refusal(1, 3)), expect.stringMatching(refusal(2, 3))],
    });
    await check();
  });
});
