import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { errorText, lineText } from './error-text.js';

const limit = 65_536;
const circular = new Error('outer');
circular.cause = circular;
const unreadable = Object.defineProperty(new Error('x'), 'message', {
  get: () => {
    throw new Error('no');
  },
});

describe('errorText', () => {
  it.each<[string, unknown, string]>([
    ['null', null, 'The handler threw null.'],
    ['undefined', undefined, 'The handler threw undefined.'],
    ['a string', 'no such file', 'no such file'],
    ['an empty string', ' ', 'The handler threw " ".'],
    ['a number', 7, 'The handler threw 7.'],
    ['a BigInt', 7n, 'The handler threw "7".'],
    ['a symbol', Symbol('s'), 'The handler threw a symbol.'],
    ['a function', () => 1, 'The handler threw a function.'],
    ['an object', { code: 7 }, 'The handler threw {"code":7}.'],
    ['an error', new Error('boom'), 'boom'],
    ['an error without a message', new TypeError(), 'TypeError'],
    [
      'an error with a code',
      Object.assign(new Error('connect failed'), { code: 'ECONNREFUSED' }),
      'connect failed (ECONNREFUSED)',
    ],
    ['a code that the message says already', Object.assign(new Error('ENOENT: no'), { code: 'ENOENT' }), 'ENOENT: no'],
    ['a cause', new Error('outer', { cause: new Error('inner') }), 'outer\nCaused by: inner'],
    ['a circular cause', circular, 'outer\nCaused by: [circular]'],
    [
      'an aggregate',
      new AggregateError([new Error('a'), 'b', null], 'all failed'),
      'all failed\n- a\n- b\n- threw null.',
    ],
    ['an aggregate without a message', new AggregateError([new Error('a')]), 'AggregateError\n- a'],
    ['an error that cannot be read', unreadable, 'The handler threw an error that cannot be read.'],
    ['NUL', new Error('a\0b'), 'a\ufffdb'],
  ])('tells %s', (_, thrown, expected) => {
    expect(errorText(thrown, limit)).toBe(expected);
  });

  it('keeps at most 8 kB, whatever the message', () => {
    const text = errorText(new Error('ü'.repeat(10_000_000)), limit);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(8_192);
    expect(text).toMatch(/ü… \[cut\]$/);
  });

  it('never throws and never exceeds its limit', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withNullPrototype: true }),
        fc.integer({ min: 256, max: 9_000 }),
        (thrown, max) => {
          expect(Buffer.byteLength(errorText(thrown, max))).toBeLessThanOrEqual(Math.min(max, 8_192));
        },
      ),
    );
  });
});

describe('lineText', () => {
  it.each<[unknown, string]>([
    ['text', 'text'],
    [{ a: 1n }, '{"a":"1"}'],
    [undefined, 'undefined'],
    [new Error('boom'), 'boom'],
  ])('writes %p as a line', (message, expected) => {
    expect(lineText(message, limit)).toBe(expected);
  });
});
