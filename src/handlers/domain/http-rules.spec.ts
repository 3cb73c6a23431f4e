import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NonRetryableError, RetryLaterError } from '../../runs/domain/outcome.js';
import { headerProblems } from './http-headers.js';
import { isExpected, isWorthRetrying, statusError } from './http-verdict.js';
import { retryAfterMs } from './retry-after.js';

describe('headerProblems', () => {
  it.each([
    ...[
      'Host',
      'content-length',
      'Transfer-Encoding',
      'CONNECTION',
      'Keep-Alive',
      'TE',
      'Trailer',
      'Upgrade',
      'Expect',
    ],
    ...['Proxy-Authorization', 'User-Agent', 'Idempotency-Key', 'X-Punctual-Run-Id', 'x-punctual-anything'],
  ])('refuses %s', (name) => {
    expect(headerProblems({ [name]: 'x' })).toEqual([
      { pointer: `/headers/${name}`, detail: `${name} is set by Punctual and cannot be changed.` },
    ]);
  });

  it.each<[string, unknown]>([
    ['x', 'a\r\nb: c'],
    ['x', 'a\nb'],
    ['x', 'a\0'],
    ['x', '→'],
    ['x', 7],
    ['x', null],
    ['x', ['a']],
    ['x', 'v'.repeat(8_193)],
    ['x y', '1'],
    ['x:', '1'],
    ['', '1'],
    ['ü', '1'],
    ['a\r\nb', '1'],
  ])('refuses %p: %p', (name, value) => {
    expect(headerProblems({ [name]: value })).toHaveLength(1);
  });

  it('points at a name with a slash', () => {
    expect(headerProblems({ 'a/b~c': '1' })[0]?.pointer).toBe('/headers/a~1b~0c');
  });

  it('refuses too many', () => {
    expect(
      headerProblems(Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`x-${index}`, '']))),
    ).toHaveLength(1);
  });

  it('takes ordinary ones', () => {
    expect(
      headerProblems({ Authorization: 'Bearer x', 'content-type': 'text/csv', 'X-Name': 'Zoë\t1', Accept: '' }),
    ).toEqual([]);
  });
});

describe('isExpected', () => {
  it.each([
    [200, undefined, true],
    [299, undefined, true],
    [301, undefined, false],
    [404, undefined, false],
    [404, [404], true],
    [200, [201, 202], false],
    [200, [], true],
  ])('%i with %p: %p', (status, expected, answer) => {
    expect(isExpected(status, expected)).toBe(answer);
  });
});

describe('isWorthRetrying', () => {
  it('tries again after 202, 408, 425, 429 and 5xx, and not after redirects and other 4xx', () => {
    expect([202, 408, 425, 429, 500, 501, 503, 599].every(isWorthRetrying)).toBe(true);
    expect([301, 302, 304, 307, 308, 400, 401, 403, 404, 409, 410, 422].some(isWorthRetrying)).toBe(false);
  });
});

describe('statusError', () => {
  const errorFor = (status: number, retryAfter?: number, body = 'sorry') =>
    statusError({ status, body }, { status }, retryAfter) as Error & { retryAfterMs?: number; result: unknown };

  it('carries status, the beginning of the body, and the answer', () => {
    const error = errorFor(500, undefined, 'x'.repeat(201));
    expect(error.message).toBe(`The target answered with status 500: ${'x'.repeat(200)}…`);
    expect(error.result).toEqual({ status: 500 });
    expect(errorFor(500, undefined, ' ').message).toBe('The target answered with status 500.');
  });

  it('says how to go on', () => {
    expect(errorFor(404, 5_000)).toBeInstanceOf(NonRetryableError);
    expect(errorFor(503)).not.toBeInstanceOf(RetryLaterError);
    expect(errorFor(429, 5_000)).toBeInstanceOf(RetryLaterError);
    expect(errorFor(429, 5_000).retryAfterMs).toBe(5_000);
  });
});

describe('retryAfterMs', () => {
  const now = new Date('2026-03-01T12:00:00Z');

  it.each<[string | undefined, number | undefined]>([
    [undefined, undefined],
    ['120', 120_000],
    [' 0 ', 0],
    ['Sun, 01 Mar 2026 12:01:30 GMT', 90_000],
    ['Sunday, 01-Mar-26 12:01:30 GMT', 90_000],
    ['Sun Mar  1 12:01:30 2026 GMT', 90_000],
    ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
    ['-5', undefined],
    ['1.5', undefined],
    ['2026-03-01', undefined],
    ['soon', undefined],
    ['99999999999', 99_999_999_999_000],
    ['', undefined],
  ])('%p is %p', (value, expected) => {
    expect(retryAfterMs(value, now)).toBe(expected);
  });

  it('never answers with a negative or unbounded time', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const ms = retryAfterMs(value, now);
        return ms === undefined || (ms >= 0 && Number.isFinite(ms));
      }),
    );
  });
});
