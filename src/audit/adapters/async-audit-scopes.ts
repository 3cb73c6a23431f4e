import { Injectable } from '@nestjs/common';
import { currentRequest } from '../../http/logging/request-context.js';
import type { AuditScope } from '../domain/audit-scope.js';
import type { IAuditScopes } from '../interfaces/audit-scopes.js';

const opened = Symbol('audit scope');

@Injectable()
export class AsyncAuditScopes implements IAuditScopes {
  current(): AuditScope | undefined {
    return currentRequest()?.[opened] as AuditScope | undefined;
  }

  open(scope: AuditScope): void {
    const request = currentRequest();
    if (request) request[opened] = scope;
  }
}
