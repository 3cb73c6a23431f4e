import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isMailbox, isSingleLine, singleLine } from './mail-address.js';

describe('isMailbox', () => {
  it.each([
    'ada@example.com',
    'Ada <ada@example.com>',
    '"Lovelace, Ada" <ada@example.com>',
    'root@localhost',
    '"Support (Billing)" <s@example.com>',
    'a+b@x.co',
  ])('takes %s', (text) => {
    expect(isMailbox(text)).toBe(true);
  });

  it.each<unknown>([
    ...[
      '',
      'ada',
      'a@x,b@y',
      'a@x.com, b@y.com',
      '"a@x" <b@y.com>, c@z.com',
      'a@x.com\r\nBcc: v@x.com',
      'a@x.com\nx',
      'Ada\r\n <a@x.com>',
    ],
    ...[
      '=?utf-8?q?=0d=0aBcc:v@x.com?= <a@x.com>',
      'a@x.com\u2028',
      '<a@x.com> <b@x.com>',
      'group: a@x.com;',
      `${'a'.repeat(320)}@x.com`,
    ],
    ...['Support (Billing) <s@example.com>', 's@example.com (Support)', 'a(b)@x.com', '(x) a@x.com'],
    ...[null, undefined, 7, {}, ['a@x.com'], { name: 'a', address: 'a@x.com' }],
  ])('refuses %p', (value) => {
    expect(isMailbox(value)).toBe(false);
  });
});

describe('singleLine', () => {
  it('answers one line within the limit, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 2, max: 50 }), (text, max) => {
        const line = singleLine(`a\r\nBcc: v@x${text}=?utf-8?q?x?=`, max);
        expect(isSingleLine(line)).toBe(true);
        expect(line.length).toBeLessThanOrEqual(max);
      }),
    );
  });

  it('keeps ordinary text', () => {
    expect(singleLine('Nightly report – Zoë', 100)).toBe('Nightly report – Zoë');
  });
});
