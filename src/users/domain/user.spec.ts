import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalEmail } from './user.js';

describe('canonicalEmail', () => {
  it.each([
    ['ada@example.com', 'ada@example.com'],
    ['  Ada@Example.COM ', 'ada@example.com'],
    ['ada+jobs@example.com', 'ada+jobs@example.com'],
    ['josé@example.com', 'jos\u00e9@example.com'],
    ['jose\u0301@example.com', 'jos\u00e9@example.com'],
  ])('writes %j as %j', (text, canonical) => {
    expect(canonicalEmail(text)).toBe(canonical);
  });

  it('keeps addresses apart that only look alike', () => {
    expect(canonicalEmail('\u0430@x.com')).not.toBe(canonicalEmail('a@x.com'));
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (email) => {
        expect(canonicalEmail(canonicalEmail(email))).toBe(canonicalEmail(email));
      }),
    );
  });
});
