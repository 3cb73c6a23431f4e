import { DomainError } from '../../kernel/errors.js';
import type { Principal, Scope } from '../../kernel/principal.js';

/**
 * Whether the principal may do what needs this role and this scope.
 *
 * @param rule without `scope` only a person who logged in may, no API key
 * @throws DomainError forbidden; `missing` says what would be needed
 */
export function checkAccess({ role, via, scopes }: Principal, rule: { scope?: Scope; role?: 'admin' }): void {
  if (via === 'api_key' && rule.scope === undefined)
    throw new DomainError(
      'forbidden',
      'LOGIN_REQUIRED',
      'An API key may not do this; log in and send the access token.',
      { missing: { via: 'session' } },
    );
  if (rule.role && role !== rule.role)
    throw new DomainError('forbidden', 'ROLE_REQUIRED', `This needs the role "${rule.role}".`, {
      missing: { role: rule.role },
    });
  if (scopes && rule.scope && !scopes.includes(rule.scope))
    throw new DomainError('forbidden', 'SCOPE_REQUIRED', `This API key lacks the scope "${rule.scope}".`, {
      missing: { scope: rule.scope },
    });
}
