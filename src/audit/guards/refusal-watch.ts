import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { ProblemDetails } from '../../http/problems/problem-details.js';
import type { IProblemWatch } from '../../http/problems/problem-watch.js';
import { refusalOf } from '../domain/refusal.js';
import { AuditBuffer } from '../services/audit-buffer.js';
import { actorOf, routeOf, scopeOf } from './audited-requests.js';

/** Hears of every problem that is answered, and takes down those that an operator should know of. */
@Injectable()
export class RefusalWatch implements IProblemWatch {
  constructor(private readonly buffer: AuditBuffer) {}

  answered(request: FastifyRequest, { status, code }: ProblemDetails): void {
    const { headers, method, ip, id, routeOptions } = request;
    const entry = refusalOf({
      actor: actorOf(request),
      address: ip,
      requestId: id,
      route: `${method} ${routeOptions.url ?? ''}`,
      target: scopeOf(request)?.target ?? null,
      refused: routeOf(request)?.refused ?? null,
      hasCredential: headers.authorization !== undefined || headers['x-api-key'] !== undefined,
      status,
      code,
    });
    if (entry) this.buffer.refuse(entry);
  }
}
