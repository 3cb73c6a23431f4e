import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JsonValue } from '../../../kernel/json.js';
import { Redactor } from './redactor.js';

type Encode = (text: string) => string;

const inEntities: Encode = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
const everyByte =
  (write: (hex: string) => string): Encode =>
  (text) =>
    [...Buffer.from(text)].map((byte) => write(byte.toString(16).padStart(2, '0'))).join('');
const everyUnit: Encode = (text) =>
  text
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');

/** Encodings of a text as text. */
const asText: Record<string, Encode> = {
  plain: (text) => text,
  'JSON-escaped': (text) => JSON.stringify(text).slice(1, -1),
  'escaped as in ASCII-only JSON': everyUnit,
  'URL-encoded': encodeURIComponent,
  'URL-encoded byte by byte': everyByte((hex) => `%${hex}`),
  'URL-encoded in capitals': everyByte((hex) => `%${hex.toUpperCase()}`),
  'form-encoded': (text) => new URLSearchParams({ '': text }).toString().slice(1),
  'escaped as in HTML': inEntities,
};
/** Encodings of bytes as digits. */
const asDigits: Record<string, Encode> = {
  base64: (text) => Buffer.from(text).toString('base64'),
  base64url: (text) => Buffer.from(text).toString('base64url'),
  'base64 in lines': (text) =>
    (
      Buffer.from(text)
        .toString('base64')
        .match(/.{1,19}/g) ?? []
    ).join('\r\n'),
  hexadecimal: (text) => Buffer.from(text).toString('hex'),
  HEXADECIMAL: (text) => Buffer.from(text).toString('hex').toUpperCase(),
};

const oneOf = (characters: string) => fc.constantFrom(...characters.split(''));

const secret = fc
  .oneof(
    fc.string({ minLength: 4, maxLength: 40, unit: 'binary' }),
    fc.string({ minLength: 4, maxLength: 40, unit: 'grapheme' }),
    fc.string({ minLength: 4, maxLength: 12, unit: oneOf('ab*%\\"/+& u0') }),
  )
  .filter((text) => Buffer.byteLength(text) >= 4 && !text.includes('\0'));
/** What stands around it: of few kinds, so that it often looks like the beginning of an escape or of a digit. */
const around = fc.string({ maxLength: 9, unit: oneOf('aZ09 =,.;:{}[]"\n') });
const anyText = fc.constantFrom(...Object.entries(asText));
const anyDigits = fc.constantFrom(...Object.entries(asDigits));

/** Whether the text still says the secret in that encoding; short stretches may stand anywhere by chance. */
const says = (text: string, encoded: string): boolean => text.includes(encoded);

describe('Redactor', () => {
  it('leaves no secret in text, in whatever encoding and wherever it stands', () => {
    fc.assert(
      fc.property(secret, around, around, anyText, (value, before, after, [, encode]) => {
        const shown = new Redactor([value]).text(before + encode(value) + after);
        expect(says(shown, encode(value))).toBe(false);
        expect(says(shown, value)).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  it('leaves none in digits, also where it is only a part of what they say', () => {
    fc.assert(
      fc.property(secret, around, around, anyDigits, anyText, (value, before, after, [name, write], [, encode]) => {
        const whole = write(before + encode(value) + after);
        const shown = new Redactor([value]).text(`(${whole})`);
        const encoding = name.startsWith('base64') ? 'base64' : 'hex';
        for (const run of shown.replaceAll(/\s/g, '').split(/[^A-Za-z0-9+/_-]+/))
          expect(
            says(Buffer.from(run, encoding).toString('latin1'), Buffer.from(encode(value)).toString('latin1')),
          ).toBe(false);
        expect(shown).not.toBe(`(${whole})`);
      }),
      { numRuns: 1_000 },
    );
  });

  it('leaves none under two encodings', () => {
    fc.assert(
      fc.property(secret, around, around, anyText, anyText, (value, before, after, [, inner], [, outer]) => {
        const whole = outer(before + inner(value) + after);
        expect(says(new Redactor([value]).text(whole), outer(inner(value)))).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  it('leaves none anywhere in JSON, in keys and numbers neither', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), secret, (value, hidden) => {
        const given = { a: [value, { [`x${hidden}y`]: hidden }], b: `${hidden}!` } as JsonValue;
        const texts: string[] = [];
        JSON.stringify(new Redactor([hidden]).json(given), (key, inner: unknown) => {
          texts.push(key, ...(typeof inner === 'string' || typeof inner === 'number' ? [String(inner)] : []));
          return inner;
        });
        expect(texts.filter((text) => text.includes(hidden))).toEqual([]);
      }),
    );
    expect(new Redactor(['271828']).json({ pin: 12718281, other: 27182 })).toEqual({ pin: '***', other: '***' });
  });

  it('leaves nothing of one that was cut, whatever it was written in', () => {
    const cut = fc.constantFrom('', '…', '… [cut]', '… (cut)', '...');
    const long = fc.string({ minLength: 30, maxLength: 80, unit: oneOf('abcXYZ159-_.$') });
    fc.assert(
      fc.property(
        long,
        anyText,
        anyDigits,
        fc.boolean(),
        fc.nat(20),
        cut,
        (value, text, digits, asDigit, kept, mark) => {
          const [, encode] = asDigit ? digits : text;
          const whole = encode(value);
          const share = Math.ceil((whole.length * (kept + 20)) / 41);
          const shown = new Redactor([value]).text(`It said: ${whole.slice(0, share)}${mark}`);
          // Digits keep at most the four bytes that no other text can be told from.
          expect(shown.length).toBeLessThan('It said: '.length + 3 + mark.length + 26);
          expect(shown).not.toContain(value.slice(0, 5));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('changes nothing else, and makes no text longer', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), secret, (text, value) => {
        const shown = new Redactor([value]).text(text);
        expect(shown.length).toBeLessThanOrEqual(text.length);
        const unlike = new Redactor(['\u{10FFFD}\u{10FFFC}']).text(text);
        expect(unlike).toBe(text);
      }),
    );
  });

  it.each([
    ['Bearer s3cr3t-t0ken', 'token s3cr3t-t0ken refused', 'token *** refused'],
    [`Basic ${btoa('ada:l0velace-1')}`, 'wrong password l0velace-1', 'wrong password ***'],
    [`Basic ${btoa('ada:l0velace-1')}`, 'who is ada:l0velace-1?', 'who is ***?'],
    ['https://hooks.example.com/services/T0/B1?k=2', 'POST /services/T0/B1?k=2: 404', 'POST ***: 404'],
    ['s3cr3t-t0ken\n', '401 s3cr3t-t0ken', '401 ***'],
    ['ünïcödé', 'ünïcödé and %C3%BCn%C3%AFc%C3%B6d%C3%A9', '*** and ***'],
  ])('knows %j by its telling part', (value, text, shown) => {
    expect(new Redactor([value]).text(text)).toBe(shown);
  });

  it('takes several out, and one inside of another', () => {
    expect(new Redactor(['abcdef', 'cdef-gh']).text('xabcdef-ghx abcdef')).toBe('x***x ***');
  });

  it('is done with a long text and a value that repeats itself in reasonable time', () => {
    const redactor = new Redactor(['a'.repeat(65_536)]);
    const startedAt = performance.now();
    redactor.text(`${'a'.repeat(65_535)}b\\u0061%61+&amp;`.repeat(2));
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});
