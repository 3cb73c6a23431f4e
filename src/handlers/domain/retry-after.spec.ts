import { describe, expect, it } from '@jest/globals';
import { retryAfterMs } from './retry-after.js';

const now = new Date('2027-03-05T12:00:00Z');

describe('retryAfterMs', () => {
  it.each([
    ['0', 0],
    ['7', 7_000],
    ['999999999', 999_999_999_000],
    ['9999999999', 9_999_999_999_000],
    ['0000000000007', 7_000],
    ['9'.repeat(400), Number.MAX_SAFE_INTEGER],
  ])('takes seconds in any number of digits: %s', (text, ms) => {
    expect(retryAfterMs(text, now)).toBe(ms);
  });

  it.each([
    ['Fri, 05 Mar 2027 12:20:00 GMT', 1_200_000],
    ['Friday, 05-Mar-27 12:20:00 GMT', 1_200_000],
    ['Fri Mar  5 12:20:00 2027', 1_200_000],
    ['Fri Mar 05 12:20:00 2027', 1_200_000],
    ['fri, 05 mar 2027 12:20:00 gmt', 1_200_000],
    ['Fri, 05 Mar 2027 12:00:60 GMT', 60_000],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 0],
    ['Wednesday, 05-Mar-77 12:00:00 GMT', Date.UTC(2077, 2, 5, 12) - now.getTime()],
    ['Saturday, 05-Mar-78 12:00:00 GMT', 0],
    ['Sun Nov  6 08:49:37 1994', 0],
  ])('reads each form of a date as GMT, wherever it runs: %s', (text, ms) => {
    expect(retryAfterMs(text, now)).toBe(ms);
  });

  it.each([
    undefined,
    '',
    '-5',
    '1.5',
    '5s',
    'soon',
    '2027-03-05T12:20:00Z',
    'Fri, 05 Mar 2027 12:20:00',
    'Fri, 05 Mar 2027 12:20:00 EST',
    'Fri, 31 Feb 2027 12:20:00 GMT',
    'Fri, 05 Mrz 2027 12:20:00 GMT',
    'Fri, 05 Mar 2027 24:20:00 GMT',
  ])('cannot read %p', (text) => {
    expect(retryAfterMs(text, now)).toBeUndefined();
  });
});
