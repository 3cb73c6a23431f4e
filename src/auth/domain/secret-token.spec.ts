import { describe, expect, it } from '@jest/globals';
import { newApiKeyText, opens, parseApiKey } from './api-key.js';
import { digestOf, fitsDigest, newToken, successorOf } from './secret-token.js';

describe('tokens', () => {
  it('are new each time, recognisable, and fit their own digest only', () => {
    const [one, other] = [newToken('rt'), newToken('rt')];
    expect(one).toMatch(/^rt_[A-Za-z0-9_-]{43}$/);
    expect(one).not.toBe(other);
    expect(fitsDigest(one, digestOf(one))).toBe(true);
    expect(fitsDigest(other, digestOf(one))).toBe(false);
  });

  it('have one successor for each salt, which depends on the token itself', () => {
    const token = newToken('rt');
    expect(successorOf(token, 'salt')).toBe(successorOf(token, 'salt'));
    expect(successorOf(token, 'salt')).toMatch(/^rt_[A-Za-z0-9_-]{43}$/);
    expect(
      new Set([token, newToken('rt')].flatMap((one) => ['a', 'b'].map((salt) => successorOf(one, salt)))).size,
    ).toBe(4);
  });
});

describe('API keys', () => {
  const id = '0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a13';

  it('carry their id and secret', () => {
    const { text, secret, hint } = newApiKeyText(id);
    expect(text).toBe(`pk_0198c0de7c1e7b7e9d0a3f1f5b0f2a13_${secret}`);
    expect(parseApiKey(text)).toEqual({ id, secret });
    expect(secret.endsWith(hint)).toBe(true);
  });

  it('open until they expire', () => {
    const { secret } = newApiKeyText(id);
    const expiresAt = new Date(1_000);
    const digest = digestOf(secret);
    expect(opens({ digest, expiresAt }, secret, new Date(999))).toBe(true);
    expect(opens({ digest, expiresAt }, secret, new Date(1_000))).toBe(false);
    expect(opens({ digest, expiresAt: null }, secret, new Date(8e15))).toBe(true);
    expect(opens({ digest, expiresAt: null }, newApiKeyText(id).secret, new Date(0))).toBe(false);
  });
});
