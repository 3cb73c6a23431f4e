import type { FastifyRequest } from 'fastify';
import type { AuditedConfig, AuditedRoute } from '../../http/decorators/audited.decorator.js';
import type { Principal } from '../../kernel/principal.js';
import { nobody } from '../domain/audit-event.js';
import type { Actor } from '../domain/audit-event.js';
import type { CheckScope } from '../domain/audit-scope.js';

type Request = FastifyRequest & { user?: Principal };

/** What the request's route declares; undefined where it is not audited. */
export const routeOf = (request: FastifyRequest): AuditedRoute | undefined =>
  (request.routeOptions.config as AuditedConfig | undefined)?.audited;

/** Whom the request has proven to act for. */
export function actorOf(request: Request): Actor {
  const { user } = request;
  return user ? { userId: user.userId, credential: user.via, credentialId: user.credentialId } : nobody;
}

/** The scopes of requests that are under way, so that a refusal knows what its use case had found out. */
const scopes = new WeakMap<object, CheckScope>();

export function openScope(request: Request, { action }: AuditedRoute): CheckScope {
  const { ip, id } = request;
  const actor = actorOf(request);
  const scope: CheckScope = { action, actor, address: ip, requestId: id, target: null, isRecorded: false };
  scopes.set(request.raw, scope);
  return scope;
}

export const scopeOf = (request: FastifyRequest): CheckScope | undefined => scopes.get(request.raw);
