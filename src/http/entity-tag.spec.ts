import { describe, expect, it } from '@jest/globals';
import { entityTagOf, matchesStrongly, matchesWeakly } from './entity-tag.js';

const tag = entityTagOf({ a: 1, b: null });

describe('an entity tag', () => {
  it('is strong, the same for the same representation and another for another', () => {
    expect(tag).toMatch(/^"[0-9a-f]{32}"$/);
    expect(entityTagOf({ b: null, a: 1 })).toBe(tag);
    expect(entityTagOf({ a: 2, b: null })).not.toBe(tag);
  });

  it.each([
    ['*', true, true],
    [' * ', true, true],
    ['"3"', true, true],
    [tag, true, true],
    [`"1" , ${tag}`, true, true],
    ['W/"3"', false, true],
    [`"1", W/${tag}`, false, true],
    ['"1"', false, false],
    ['3', false, false],
    ['"3"; drop', false, false],
    ['"1", *', false, false],
    ['', false, false],
  ])('is compared with %s', (field, strongly, weakly) => {
    expect(matchesStrongly(field, [tag, '"3"'])).toBe(strongly);
    expect(matchesWeakly(field, [tag, '"3"'])).toBe(weakly);
  });
});
