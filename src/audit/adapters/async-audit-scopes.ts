import { Injectable } from '@nestjs/common';
import { currentRequest } from '../../http/logging/request-context.js';
import type { CheckScope } from '../domain/audit-scope.js';
import type { IAuditScopes } from '../interfaces/audit-scopes.js';

const opened = Symbol('audit scope');

@Injectable()
export class AsyncAuditScopes implements IAuditScopes {
  current(): CheckScope | undefined {
    return currentRequest()?.[opened] as CheckScope | undefined;
  }

  open(scope: CheckScope): void {
    const request = currentRequest();
    if (request) request[opened] = scope;
  }
}
