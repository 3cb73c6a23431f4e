import type { preHandlerHookHandler, preSerializationHookHandler, RouteOptions } from 'fastify';
import { DomainError, invalid } from '../../kernel/errors.js';
import type { ETagConfig } from '../decorators/etag.decorator.js';
import type { IdempotencyConfig } from '../decorators/idempotency-key.decorator.js';
import type { PreconditionConfig } from '../decorators/precondition.decorator.js';
import { entityTagOf, matchesWeakly } from '../entity-tag.js';

const reading = ['GET', 'HEAD', 'OPTIONS'];
const repeatable = [...reading, 'PUT', 'DELETE'];

/** Adds to a route what its decorators ask for, and has it refuse what it would otherwise ignore. */
export function addRouteHooks(route: RouteOptions): void {
  const config: ETagConfig & PreconditionConfig & IdempotencyConfig = { ...route.config };
  const methods = [route.method].flat();
  if (config.hasETag) route.preSerialization = tellTag;
  const refusals: preHandlerHookHandler[] = [];
  if (!config.evaluatesPreconditions && !methods.every((method) => reading.includes(method))) refusals.push(refuseTags);
  if (!config.takesIdempotencyKey && !methods.every((method) => repeatable.includes(method))) refusals.push(refuseKey);
  if (refusals.length > 0) route.preHandler = [...refusals, ...[route.preHandler ?? []].flat()];
}

/** With 304 no body is sent, whatever there is (RFC 9110 §15.4.5): Node.js sees to that. */
const tellTag: preSerializationHookHandler = (request, reply, answer, done) => {
  if (reply.statusCode >= 300) return done(null, answer);
  const tag = entityTagOf(answer);
  reply.header('etag', tag);
  const seen = request.headers['if-none-match'];
  if (seen !== undefined && reading.includes(request.method) && matchesWeakly(seen, [tag])) reply.code(304);
  done(null, answer);
};

/** RFC 9110 §13.1.1: no tag equals that of something that has none; `*` is whatever there is. */
const refuseTags: preHandlerHookHandler = (request, _reply, done) => {
  const field = request.headers['if-match'];
  if (field === undefined || field.trim() === '*') return done();
  throw new DomainError(
    'precondition_failed',
    'NO_ENTITY_TAG',
    'What this changes has no ETag, so If-Match cannot hold; send the request without it.',
  );
};

const refuseKey: preHandlerHookHandler = (request, _reply, done) => {
  if (request.headers['idempotency-key'] === undefined) return done();
  const detail =
    'Idempotency-Key is not taken here: nothing would keep this from being done twice. Send the request without it.';
  throw invalid([{ pointer: '/Idempotency-Key', detail }]);
};
