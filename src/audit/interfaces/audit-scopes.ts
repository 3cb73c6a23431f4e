import type { AuditScope } from '../domain/audit-scope.js';

/** Knows for which request the current code works. */
export interface IAuditScopes {
  /** Undefined outside of an audited request. */
  current(): AuditScope | undefined;

  /** Runs `work`, and all that it starts, as part of the scope. */
  run<T>(scope: AuditScope, work: () => T): T;
}
export const IAuditScopes = Symbol('IAuditScopes');
