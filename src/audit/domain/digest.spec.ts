import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { digestOf } from './digest.js';

describe('digestOf', () => {
  it('is the SHA-256 of canonical JSON', () => {
    expect(digestOf({ b: 1, a: [true, null] })).toBe(
      '51705a2c9eb3e7e410a58f696a770c3ac3885a0cf43eb7fc88f5e47c11d4d30d',
    );
  });

  it('does not depend on the order of members, at any depth', () => {
    const shuffled = (value: unknown): unknown =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([key, inner]) => [key, shuffled(inner)]),
          )
        : value;
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        expect(digestOf(shuffled(value))).toBe(digestOf(value));
      }),
    );
  });

  it('changes with any value that is not secret', () => {
    expect(digestOf({ name: 'a' })).not.toBe(digestOf({ name: 'b' }));
    expect(digestOf({ a: { b: [1] } })).not.toBe(digestOf({ a: { b: [2] } }));
  });

  it.each([
    'password',
    'passwordHash',
    'access_token',
    'Authorization',
    'clientSecret',
    'x-api-key',
    'key',
    'Set-Cookie',
  ])('says nothing of the value of %s', (name) => {
    expect(digestOf({ headers: { [name]: 'one' } })).toBe(digestOf({ headers: { [name]: 'other' } }));
    expect(digestOf({ headers: { [name]: 'one' } })).not.toBe(digestOf({ headers: {} }));
  });
});
