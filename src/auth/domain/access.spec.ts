import { describe, expect, it } from '@jest/globals';
import type { Principal } from '../../kernel/principal.js';
import { checkAccess } from './access.js';

const user: Principal = { userId: 'u', role: 'user', via: 'session', credentialId: 's', scopes: null };
const admin: Principal = { ...user, role: 'admin' };
const key: Principal = { ...user, via: 'api_key', credentialId: 'k', scopes: ['jobs:read'] };
const adminsKey: Principal = { ...key, role: 'admin', scopes: ['admin:read'] };

describe('checkAccess', () => {
  it.each([
    ['a login', user, {}],
    ['a login', user, { scope: 'jobs:write' }],
    ['an admin', admin, { role: 'admin' }],
    ['a key with the scope', key, { scope: 'jobs:read' }],
    ["an admin's key with the scope", adminsKey, { scope: 'admin:read', role: 'admin' }],
  ] as const)('lets %s do %#', (_, principal, rule) => {
    expect(() => checkAccess(principal, rule)).not.toThrow();
  });

  it.each([
    ['a user', user, { role: 'admin' }, 'ROLE_REQUIRED', { role: 'admin' }],
    ['a key without the scope', key, { scope: 'jobs:write' }, 'SCOPE_REQUIRED', { scope: 'jobs:write' }],
    ['a key on an account', key, {}, 'LOGIN_REQUIRED', { via: 'session' }],
    ["an admin's key on an account", adminsKey, { role: 'admin' }, 'LOGIN_REQUIRED', { via: 'session' }],
    [
      'a key whose owner is no admin any more',
      { ...adminsKey, role: 'user' },
      { scope: 'admin:read', role: 'admin' },
      'ROLE_REQUIRED',
      { role: 'admin' },
    ],
  ] as const)('tells %s what is missing', (_, principal, rule, code, missing) => {
    let refusal: unknown;
    try {
      checkAccess(principal, rule);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toMatchObject({ kind: 'forbidden', code, extra: { missing } });
  });
});
