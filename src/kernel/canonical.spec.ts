import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonical } from './canonical.js';

const hides = (key: string): boolean => key.startsWith('s');

/** The same text, made by `JSON.stringify` with a replacer. */
const byReplacer = (value: unknown, hidden: (key: string) => boolean): string =>
  JSON.stringify(value, (key, inner: unknown) => {
    if (hidden(key)) return '[hidden]';
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });

const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, undefined, true, 0, -0, 1e21, NaN, 'a', '"\u2028\ud800', new Date(0), () => 1),
    fc.string({ unit: 'binary' }),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(fc.constantFrom('b', 'a', '10', '9', '01', '__proto__', 'secret', 'é', 'Z'), fc.string()),
      tie('any'),
      { maxKeys: 6 },
    ),
  ),
})).any;

describe('canonical', () => {
  it('gives the text that JSON.stringify gives for objects with sorted members', () => {
    fc.assert(
      fc.property(value, (given) => {
        for (const hidden of [hides, () => false])
          expect(canonical({ given }, hidden)).toBe(byReplacer({ given }, hidden));
      }),
      { numRuns: 1_000 },
    );
  });

  it('does not depend on the order of members', () => {
    expect(canonical({ b: [{ d: 1, c: new Date(0) }], a: null })).toBe(
      canonical({ a: null, b: [{ c: new Date(0), d: 1 }] }),
    );
    expect(canonical({ b: 1, a: 2, 10: 3, 9: 4 })).toBe('{"9":4,"10":3,"a":2,"b":1}');
  });
});
