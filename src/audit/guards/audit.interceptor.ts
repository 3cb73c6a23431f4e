import { Inject, Injectable } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { defer, lastValueFrom } from 'rxjs';
import type { Observable } from 'rxjs';
import type { AuditedRoute } from '../../http/decorators/audited.decorator.js';
import { IAuditScopes } from '../interfaces/audit-scopes.js';
import { IAuditTrail } from '../interfaces/audit-trail.js';
import { openScope, routeOf } from './audited-requests.js';

/** Sees to it that each request of an audited route that succeeds has its one entry. */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  constructor(
    @Inject(IAuditScopes) private readonly scopes: IAuditScopes,
    @Inject(IAuditTrail) private readonly trail: IAuditTrail,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const route = routeOf(request);
    if (!route) return next.handle();
    return defer(() => this.audited(request, http.getResponse<FastifyReply>(), route, next));
  }

  private audited(request: FastifyRequest, reply: FastifyReply, route: AuditedRoute, next: CallHandler) {
    const scope = openScope(request, route);
    return this.scopes.run(scope, async () => {
      const answer = await lastValueFrom(next.handle() as Observable<unknown>, { defaultValue: undefined });
      // An answer that is given again has changed nothing.
      const isReplayed = reply.hasHeader('idempotency-replayed');
      if (!scope.isRecorded && !isReplayed) await this.trail.record(null, changeOf(request, route, answer));
      return answer;
    });
  }
}

/** What the request and its answer tell of the change, where no use case has said more. */
function changeOf(request: FastifyRequest, { target }: AuditedRoute, answer: unknown) {
  const shown = (answer ?? {}) as { id?: unknown };
  const [id = shown.id] = Object.values((request.params ?? {}) as Record<string, unknown>);
  return { target: { kind: target, id: typeof id === 'string' ? id : null }, after: answer };
}
