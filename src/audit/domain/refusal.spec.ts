import { describe, expect, it } from '@jest/globals';
import { nobody } from './audit-event.js';
import { refusalOf } from './refusal.js';
import type { RefusedRequest } from './refusal.js';

const user = { userId: 'u', credential: 'api_key', credentialId: 'k' } as const;
const request: RefusedRequest = {
  actor: nobody,
  address: '203.0.113.7',
  requestId: 'r',
  route: 'GET /jobs',
  target: null,
  refused: null,
  hasCredential: false,
  status: 401,
  code: 'UNAUTHENTICATED',
};
const login = { route: 'POST /auth/login', refused: 'auth.login_refused' };

describe('refusalOf', () => {
  it.each<[what: string, given: Partial<RefusedRequest>, action: string | undefined]>([
    ['a forged token', { hasCredential: true }, 'auth.credential_refused'],
    ['a token that has expired', { hasCredential: true, code: 'TOKEN_EXPIRED' }, undefined],
    ['no token', {}, undefined],
    ["no token on an admins' route", { route: 'GET /admin/users' }, 'access.refused'],
    ['a route for others', { actor: user, status: 403, code: 'ROLE_REQUIRED' }, 'access.refused'],
    ['a wrong password for an account', { actor: user, status: 403, code: 'WRONG_PASSWORD' }, 'access.refused'],
    ['a wrong login', { ...login, code: 'INVALID_CREDENTIALS' }, 'auth.login_refused'],
    ['a login too many', { ...login, status: 429, code: 'RATE_LIMITED' }, 'auth.login_refused'],
    ['a malformed login', { ...login, status: 400, code: 'VALIDATION' }, undefined],
    ['a write too many', { actor: user, status: 429, code: 'RATE_LIMITED' }, undefined],
    ['what is not there', { actor: user, status: 404, code: 'JOB_NOT_FOUND' }, undefined],
    ['a defect', { actor: user, status: 500, code: 'INTERNAL_ERROR' }, undefined],
  ])('%s', (_, given, action) => {
    expect(refusalOf({ ...request, ...given })?.action).toBe(action);
  });

  it('names who, why, from where, and the route where nothing better is known', () => {
    const refused = { ...request, actor: user, status: 403, code: 'SCOPE_REQUIRED' };
    const entry = {
      ...{ ...user, action: 'access.refused', outcome: 'refused', reason: 'SCOPE_REQUIRED', before: null, after: null },
      ...{ address: '203.0.113.7', requestId: 'r', count: 1 },
    };
    expect(refusalOf(refused)).toEqual({ ...entry, target: { kind: 'route', id: 'GET /jobs' } });
    const target = { kind: 'user', id: 'x' };
    expect(refusalOf({ ...refused, target })).toEqual({ ...entry, target });
  });
});
