import { describe, expect, it } from '@jest/globals';
import { headersOf, sender, tightest } from './allowance.js';
import type { Taken } from './allowance.js';

const taken = (given: Partial<Taken>): Taken => ({
  ...{ allowance: { name: 'login', points: 10, windowSeconds: 900 }, allowed: true, remaining: 5, resetSeconds: 60 },
  ...given,
});

describe('allowances', () => {
  it('are told in the headers of the draft', () => {
    expect(headersOf(taken({}))).toEqual({ 'ratelimit-policy': '"login";q=10;w=900', ratelimit: '"login";r=5;t=60' });
  });

  it('tell of the one that is used up, else of the one with the least left', () => {
    const [much, little, none] = [taken({ remaining: 9 }), taken({ remaining: 2 }), taken({ allowed: false })];
    expect(tightest([much, little])).toBe(little);
    expect(tightest([much, none, little])).toBe(none);
    expect(tightest([])).toBeUndefined();
  });

  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::6', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
  ])('count %s under %s', (address, key) => {
    expect(sender(address)).toBe(key);
  });
});
