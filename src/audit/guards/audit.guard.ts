import { Inject, Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { IAuditScopes } from '../interfaces/audit-scopes.js';
import { openScope, routeOf } from './audited-requests.js';

/** Refuses nothing: from here on what an audited route does is known for whom it is done. Comes after who asks is known. */
@Injectable()
export class AuditGuard implements CanActivate {
  constructor(@Inject(IAuditScopes) private readonly scopes: IAuditScopes) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const route = routeOf(request);
    if (route) this.scopes.open(openScope(request, route));
    return true;
  }
}
