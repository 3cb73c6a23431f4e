import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject } from '../../kernel/json.js';
import { hasReferences, readReferences, replaceReferences } from './secret-reference.js';

const anObject = fc
  .dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }), { noNullPrototype: true })
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject)
  .filter((value) => !JSON.stringify(value).includes('"$secret"'));

/** The value at a JSON pointer. */
const at = (value: unknown, pointer: string): unknown =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((inner, key) => (inner as Record<string, unknown>)[key], value);

describe('references to secrets', () => {
  it('are found and replaced wherever they stand, and nothing else is touched', () => {
    fc.assert(
      fc.property(anObject, fc.array(fc.string(), { minLength: 1, maxLength: 5 }), anObject, (rest, path, beside) => {
        const reference = { $secret: 'token' };
        const inner = path.slice(1).reduceRight<unknown>((value, key) => [beside, { [key]: value }], reference);
        const payload = { ...rest, [path[0] ?? '']: inner } as JsonObject;
        const before = JSON.stringify(payload);
        expect(hasReferences(payload)).toBe(true);
        const { references, problems } = readReferences(payload);
        expect(problems).toEqual([]);
        expect(references.map(({ name }) => name)).toEqual(['token']);
        const replaced = replaceReferences(payload, (name) => `value of ${name}`);
        expect(at(replaced, references[0]?.pointer ?? '')).toBe('value of token');
        expect(hasReferences(replaced)).toBe(false);
        expect(JSON.stringify(payload)).toBe(before);
        expect(JSON.stringify(replaced).replace('"value of token"', '{"$secret":"token"}')).toBe(before);
      }),
    );
  });

  it('are not seen where there are none', () => {
    fc.assert(
      fc.property(anObject, (payload) => {
        expect(hasReferences(payload)).toBe(false);
        expect(readReferences(payload)).toEqual({ references: [], problems: [] });
      }),
    );
    expect(hasReferences({ secret: 'x', text: '{"$secret":"x"}' })).toBe(false);
  });

  it.each<[JsonObject, string, RegExp]>([
    [{ $secret: 'x' }, '/$secret', /not for the payload/],
    [{ a: { $secret: 'x', b: 1 } }, '/a/$secret', /without other members/],
    [{ a: { $secret: 7 } }, '/a/$secret', /must be the name/],
    [{ a: { $secret: null } }, '/a/$secret', /must be the name/],
    [{ a: { $secret: { $secret: 'x' } } }, '/a/$secret', /must be the name/],
    [{ a: { $secret: '' } }, '/a/$secret', /must be the name/],
    [{ a: { $secret: '../x' } }, '/a/$secret', /must be the name/],
    [{ a: { $secret: 'x'.repeat(65) } }, '/a/$secret', /must be the name/],
    [{ 'a/b~c': [{ $secret: ['x'] }] }, '/a~1b~0c/0/$secret', /must be the name/],
  ])('%j is none: %s', (payload, pointer, detail) => {
    expect(hasReferences(payload)).toBe(true);
    expect(readReferences(payload)).toEqual({
      references: [],
      problems: [{ pointer, detail: expect.stringMatching(detail) }],
    });
  });

  it('are at most ten different ones', () => {
    const some = (count: number) => ({ list: Array.from({ length: 40 }, (_, at) => ({ $secret: `s${at % count}` })) });
    expect(readReferences(some(10)).problems).toEqual([]);
    expect(readReferences(some(11)).problems).toEqual([{ pointer: '', detail: expect.stringContaining('10') }]);
  });
});
