import { describe, expect, it } from '@jest/globals';
import { conflict, invalid } from '../../kernel/errors.js';
import { problemOf } from './problem-details.js';

describe('problemOf', () => {
  it('tells a domain error with the members that it adds', () => {
    const error = conflict('JOB_NOT_CANCELLABLE', 'The job is completed.', { state: 'completed' });
    expect(problemOf(error, '/jobs/1/cancel', 'r1')).toEqual({
      type: 'urn:punctual:problem:job-not-cancellable',
      title: 'Job not cancellable',
      status: 409,
      detail: 'The job is completed.',
      instance: '/jobs/1/cancel',
      code: 'JOB_NOT_CANCELLABLE',
      requestId: 'r1',
      state: 'completed',
    });
  });

  it('keeps its own members whatever an error adds, and leaves the retry time to the header', () => {
    const error = conflict('X', 'x', { status: 200, code: 'Y', requestId: 'Z', retryAfterSeconds: 3 });
    const problem = problemOf(error, '/', 'r1');
    expect(problem).toMatchObject({ status: 409, code: 'X', requestId: 'r1' });
    expect(problem).not.toHaveProperty('retryAfterSeconds');
  });

  it('lists the faults of an invalid request', () => {
    const errors = [{ pointer: '/name', detail: 'name is required.' }];
    expect(problemOf(invalid(errors), '/jobs', 'r1')).toMatchObject({ status: 400, code: 'VALIDATION', errors });
  });

  it('says nothing about a defect of the server', () => {
    expect(problemOf(500, '/jobs', 'r1')).toEqual({
      type: 'urn:punctual:problem:internal-error',
      title: 'Internal error',
      status: 500,
      instance: '/jobs',
      code: 'INTERNAL_ERROR',
      requestId: 'r1',
    });
  });

  it.each([
    [413, 'PAYLOAD_TOO_LARGE'],
    [415, 'UNSUPPORTED_MEDIA_TYPE'],
    [418, 'BAD_REQUEST'],
    [502, 'INTERNAL_ERROR'],
  ])('has a code for a bare %d', (status, code) => {
    expect(problemOf(status, '/', 'r1')).toMatchObject({ status, code });
  });
});
