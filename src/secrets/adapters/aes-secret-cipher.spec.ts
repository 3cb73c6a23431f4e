import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { newId } from '../../kernel/ids.js';
import { AesSecretCipher } from './aes-secret-cipher.js';

const aKey = (version: number) => ({ version, key: randomBytes(32).toString('base64') });
const cipherOf = (...keys: ReturnType<typeof aKey>[]) => new AesSecretCipher({ secrets: { keys, perUser: 1 } });
const aBinding = () => ({ id: newId(), userId: newId(), name: 'token' });

describe('AesSecretCipher', () => {
  const [one, two] = [aKey(1), aKey(2)];
  const cipher = cipherOf(one);

  it('opens what it sealed, whatever the text, and seals no two alike', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (value) => {
        const binding = aBinding();
        const [sealed, again] = [cipher.seal(value, binding), cipher.seal(value, binding)];
        expect(cipher.open({ ...sealed, ...binding })).toBe(value);
        expect([sealed.nonce.length, sealed.ciphertext.length]).toEqual([12, Buffer.byteLength(value) + 16]);
        expect(sealed.nonce.equals(again.nonce)).toBe(false);
        expect(sealed.ciphertext.equals(again.ciphertext)).toBe(false);
      }),
    );
  });

  it.each(['id', 'userId', 'name'] as const)('opens nothing for another %s', (field) => {
    const binding = aBinding();
    const moved = { ...cipher.seal('value', binding), ...binding, [field]: `${binding[field]}x` };
    expect(() => cipher.open(moved)).toThrow(/cannot be opened: key version 1/);
  });

  it('opens nothing of which a bit was changed, or the end is missing', () => {
    const binding = aBinding();
    const sealed = cipher.seal('value', binding);
    for (const part of ['nonce', 'ciphertext'] as const)
      for (let at = 0; at < sealed[part].length; at += 1) {
        const bytes = Buffer.from(sealed[part]);
        bytes[at] = (bytes[at] ?? 0) ^ 1;
        expect(() => cipher.open({ ...sealed, ...binding, [part]: bytes })).toThrow(/cannot be opened/);
        const cut = sealed[part].subarray(0, at);
        expect(() => cipher.open({ ...sealed, ...binding, [part]: cut })).toThrow(/cannot be opened/);
      }
  });

  it('seals under the first key and opens under each', () => {
    const binding = aBinding();
    const old = cipher.seal('value', binding);
    const both = cipherOf(two, one);
    expect(both.open({ ...old, ...binding })).toBe('value');
    expect(both.seal('value', binding).keyVersion).toBe(2);
    expect(() => cipherOf(two).open({ ...old, ...binding })).toThrow(/key version 1, which this worker does not have/);
    expect(() => cipherOf({ ...two, version: 1 }).open({ ...old, ...binding })).toThrow(/cannot be opened/);
  });

  it('seals nothing without a key, and says what to set', () => {
    expect(cipherOf().currentVersion).toBeNull();
    expect(() => cipherOf().seal('value', aBinding())).toThrow(/SECRETS_KEYS/);
  });
});
