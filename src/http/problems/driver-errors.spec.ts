import { describe, expect, it } from '@jest/globals';
import { domainErrorOf } from './driver-errors.js';

const failure = (code: unknown) => Object.assign(new Error('connection refused, timeout, terminating'), { code });

describe('domainErrorOf', () => {
  it.each([
    'ECONNREFUSED',
    'ECONNRESET',
    'POOL_TIMEOUT',
    '57P01',
    '57P03',
    '53300',
    '08006',
    '57014',
    '57000',
    '25006',
    'SHARED_SESSIONS',
    '40001',
    '40P01',
  ])('takes %s for an outage that passes', (code) => {
    expect(domainErrorOf(failure(code))).toMatchObject({ kind: 'unavailable', extra: { retryAfterSeconds: 2 } });
  });

  it.each(['22P02', '22021', '22003'])('takes %s for a value that cannot be stored', (code) => {
    expect(domainErrorOf(failure(code))).toMatchObject({ kind: 'invalid', code: 'INVALID_VALUE' });
  });

  it('takes a row that refers to what was just deleted for a conflict', () => {
    expect(domainErrorOf(failure('23503'))).toMatchObject({ kind: 'conflict', code: 'REFERENCE_GONE' });
  });

  it('looks into what a driver or a library wrapped', () => {
    expect(domainErrorOf({ driverError: failure('57P01') })).toMatchObject({ kind: 'unavailable' });
    expect(domainErrorOf(new Error('query failed', { cause: failure('ECONNREFUSED') }))?.kind).toBe('unavailable');
  });

  it('takes a statement that broke off without a SQLSTATE for an outage, but not one that was never sent', () => {
    expect(domainErrorOf({ driverError: new Error('Connection terminated unexpectedly') })?.kind).toBe('unavailable');
    expect(domainErrorOf({ driverError: new TypeError('Converting circular structure to JSON') })).toBeUndefined();
  });

  it('does not guess from messages', () => {
    for (const defect of [failure(undefined), failure('42601'), failure('23505'), failure(57014), 'ECONNREFUSED', null])
      expect(domainErrorOf(defect)).toBeUndefined();
  });
});
