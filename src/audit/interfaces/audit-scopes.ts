import type { CheckScope } from '../domain/audit-scope.js';

/** Knows for which request the current code works. */
export interface IAuditScopes {
  /** Undefined outside of an audited request. */
  current(): CheckScope | undefined;

  /** What the request that is being served still does is part of the scope. */
  open(scope: CheckScope): void;
}
export const IAuditScopes = Symbol('IAuditScopes');
