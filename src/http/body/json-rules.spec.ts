import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JsonValue } from '../../kernel/json.js';
import { findJsonFault as findFault } from './json-rules.js';

const [maxDepth, maxKeys] = [32, 10_000];
const findJsonFault = (text: string) => findFault(text, { maxDepth, maxKeys });

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

const wellFormed = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0') && text !== '__proto__');
const storable = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, false),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.maxSafeInteger(),
    wellFormed,
    fc.array(tie('value')),
    fc.dictionary(wellFormed, tie('value')),
  ),
})).value;

function at(value: unknown, pointer: string): unknown {
  const keys = pointer.split('/').slice(1);
  return keys
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], value);
}

describe('findJsonFault', () => {
  it('finds nothing in whatever JSON.stringify writes of storable values, however it is spaced', () => {
    fc.assert(
      fc.property(storable, fc.constantFrom(undefined, 2, '\t'), (value, space) => {
        expect(findJsonFault(JSON.stringify(value, null, space))).toBeUndefined();
      }),
    );
  });

  it('points at a string that cannot be stored, wherever it lies', () => {
    const bad = fc.constantFrom('a\0', '\ud800', 'x\udc00y');
    fc.assert(
      fc.property(storable, wellFormed, bad, storable, (before, key, text, after) => {
        const body = [before, { first: before, [`k${key}`]: [after, text] }, after];
        const found = findJsonFault(JSON.stringify(body));
        expect(found?.code).toBe('INVALID_CHARACTER');
        expect(at(body, found?.pointer ?? '')).toBe(text);
      }),
    );
  });

  it.each([
    ['{"a":{"b\\u0000":1}}', 'INVALID_CHARACTER', '/a/b\0'],
    ['"\\ud83d"', 'INVALID_CHARACTER', ''],
    ['{"a":[{"__proto__":1}]}', 'FORBIDDEN_KEY', '/a/0/__proto__'],
    ['{"\\u005f_proto__":1}', 'FORBIDDEN_KEY', '/__proto__'],
    ['{"a/b":{"c~d":12345678901234567890}}', 'INEXACT_NUMBER', '/a~1b/c~0d'],
    ['[1,2,9007199254740993]', 'INEXACT_NUMBER', '/2'],
    ['[{},[],-9007199254740993]', 'INEXACT_NUMBER', '/2'],
    ['9007199254740993.0', 'INEXACT_NUMBER', ''],
    ['[90071992547409930e-1]', 'INEXACT_NUMBER', '/0'],
    ['[9.007199254740993e15]', 'INEXACT_NUMBER', '/0'],
    ['-9007199254740993.000E+0', 'INEXACT_NUMBER', ''],
    ['123456789012345678901e3', 'INEXACT_NUMBER', ''],
    ['1e400', 'INEXACT_NUMBER', ''],
    ['[-1e-400]', 'INEXACT_NUMBER', '/0'],
  ])('refuses %s', (text, code, pointer) => {
    expect(findJsonFault(text)).toMatchObject({ code, pointer });
  });

  it.each([
    '"\\ud83d\\ude00"',
    '{"a":"__proto__","b":["__proto__"],"constructor":{"prototype":1}}',
    '[9007199254740991, -9007199254740991, 0.1, -0, 0e0, 1e20, 0.30000000000000004]',
    '{"a":"\\\\","b":"\\"","c":"[[{{9007199254740993"}',
    '[12345678901234567000]',
    '[9007199254740992.0, 9.007199254740992e15, 90071992547409920e-1, 1.0e300, 1E+21, 0.0e99999, 1.7976931348623157e308]',
    '[9007199254740993.5, 0.1234567890123456789, 123456789.123456789123456789]',
  ])('lets %s through', (text) => {
    expect(findJsonFault(text)).toBeUndefined();
  });

  it(`allows ${maxDepth} levels and no more`, () => {
    expect(findJsonFault(nested(maxDepth))).toBeUndefined();
    expect(findJsonFault(nested(maxDepth + 1))?.code).toBe('PAYLOAD_TOO_DEEP');
    expect(findJsonFault(nested(200_000))?.code).toBe('PAYLOAD_TOO_DEEP');
    expect(findJsonFault(`[${'[],'.repeat(1_000)}[]]`)).toBeUndefined();
  });

  it('allows so many keys in a field, or in each element of a list, and no more', () => {
    const keys = (count: number) => `{${Array.from({ length: count }, (_, at) => `"k${at}":1`).join()}}`;
    expect(findJsonFault(keys(maxKeys))).toBeUndefined();
    expect(findJsonFault(keys(maxKeys + 1))).toMatchObject({ code: 'TOO_MANY_KEYS', pointer: '' });
    expect(findJsonFault(`{"a":${keys(maxKeys)},"b":[${keys(maxKeys)},${keys(maxKeys)}]}`)).toBeUndefined();
    expect(findJsonFault(`{"a":{"b":${keys(maxKeys)}}}`)).toMatchObject({ code: 'TOO_MANY_KEYS', pointer: '/a' });
  });
});
