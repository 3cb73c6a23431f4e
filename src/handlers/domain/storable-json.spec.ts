import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { storableJson, storableText } from './storable-json.js';

const limit = 4_096;
const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

describe('storableJson', () => {
  it('answers any JSON value that fits unchanged', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value));
        fc.pre(bytesOf(plain) < 2_000 && !JSON.stringify(plain).includes('\\u0000'));
        expect(storableJson(plain, limit)).toEqual(plain);
      }),
    );
  });

  it('never answers more than the limit, whatever it is given', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withMap: true, withSet: true, maxDepth: 6 }),
        fc.integer({ min: 256, max: 2_000 }),
        (value, max) => {
          const safe = storableJson(
            Array.from({ length: 50 }, () => value),
            max,
          );
          expect(bytesOf(safe)).toBeLessThanOrEqual(max);
          expect(JSON.parse(JSON.stringify(safe))).toEqual(safe);
          expect(JSON.stringify(safe)).not.toContain('\\u0000');
        },
      ),
    );
  });

  it.each<[string, unknown, unknown]>([
    ['undefined', undefined, null],
    ['a function', () => 1, null],
    ['a symbol', Symbol('s'), null],
    ['NaN', Number.NaN, null],
    ['negative zero', -0, 0],
    ['a BigInt', 12345678901234567890n, '12345678901234567890'],
    ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['an error', new TypeError('no'), 'no'],
    ['bytes', Buffer.alloc(7), '[7 bytes]'],
    ['a map', new Map([['a', 1]]), [['a', 1]]],
    ['members without a value', { a: undefined, b: () => 1, c: 1 }, { c: 1 }],
    ['an array of what JSON cannot say', [undefined, () => 1], [null, null]],
    ['NUL and a lone surrogate', 'a\0b\ud800', 'a\ufffdb\ufffd'],
    ['a key with NUL', { 'a\0': 1 }, { 'a\ufffd': 1 }],
  ])('says %s in JSON', (_, value, expected) => {
    expect(storableJson(value, limit)).toEqual(expected);
  });

  it('names a circle instead of following it', () => {
    const value: Record<string, unknown> = { name: 'a' };
    value.self = value;
    expect(storableJson(value, limit)).toEqual({ name: 'a', self: '[circular]' });
  });

  it('does not take a value that occurs twice for a circle', () => {
    const shared = { a: 1 };
    expect(storableJson([shared, shared], limit)).toEqual([shared, shared]);
  });

  it('survives getters, proxies and toJSON that throw', () => {
    const trap = (): never => {
      throw new Error('no');
    };
    const value = {
      getter: Object.defineProperty({}, 'x', { get: trap, enumerable: true }),
      proxy: new Proxy({}, { ownKeys: trap }),
      toJson: { toJSON: trap },
    };
    expect(storableJson(value, limit)).toEqual({
      getter: { x: '[unreadable]' },
      proxy: '[unreadable]',
      toJson: '[unreadable]',
    });
  });

  it('ends a toJSON that answers with itself', () => {
    const value = { toJSON: () => value };
    expect(storableJson(value, limit)).toBe('[circular]');
  });

  it('keeps a key "__proto__" as data', () => {
    const safe = storableJson(JSON.parse('{"__proto__":{"admin":true}}'), limit);
    expect(JSON.stringify(safe)).toBe('{"__proto__":{"admin":true}}');
    expect((safe as { admin?: boolean }).admin).toBeUndefined();
  });

  it('replaces what is nested too deep', () => {
    let value: unknown = 'bottom';
    for (let depth = 0; depth < 10_000; depth += 1) value = [value];
    expect(JSON.stringify(storableJson(value, limit))).toBe(`${'['.repeat(32)}"[too deep]"${']'.repeat(32)}`);
  });

  it('cuts a long text and marks it', () => {
    const safe = storableJson({ head: 1, body: 'ü'.repeat(1_000_000), tail: 2 }, limit) as Record<string, string>;
    expect(safe.body).toMatch(/^ü{1500,}… \[cut\]$/);
    expect(Object.keys(safe)).toEqual(['head', 'body']);
    expect(bytesOf(safe)).toBeLessThanOrEqual(limit);
  });

  it('does not cut a pair of surrogates in half', () => {
    const safe = storableJson('😀'.repeat(2_000), 259) as string;
    expect(safe).toMatch(/^(😀)+… \[cut\]$/u);
  });

  it('cuts a long array and a wide object, each with one mark', () => {
    const array = storableJson(
      Array.from({ length: 1_000_000 }, () => 1),
      limit,
    ) as unknown[];
    expect(array.at(-1)).toBe('[cut]');
    const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`key${index}`, index]));
    const object = storableJson(wide, limit) as Record<string, unknown>;
    expect(object['…']).toBe('[cut]');
    expect(object.key0).toBe(0);
  });

  it('stops early at something endless', () => {
    const endless = new Set(Array.from({ length: 100_000 }, (_, index) => `${'x'.repeat(100)}${index}`));
    expect(bytesOf(storableJson(endless, 256))).toBeLessThanOrEqual(256);
  });
});

describe('storableText', () => {
  it('leaves ordinary text alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => text.includes('\0') || storableText(text) === text),
    );
  });
});
