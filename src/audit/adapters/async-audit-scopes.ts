import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import type { AuditScope } from '../domain/audit-scope.js';
import type { IAuditScopes } from '../interfaces/audit-scopes.js';

@Injectable()
export class AsyncAuditScopes implements IAuditScopes {
  private readonly storage = new AsyncLocalStorage<AuditScope>();

  current(): AuditScope | undefined {
    return this.storage.getStore();
  }

  run<T>(scope: AuditScope, work: () => T): T {
    return this.storage.run(scope, work);
  }
}
