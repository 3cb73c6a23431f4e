import { BadRequestException, HttpException, Logger, MethodNotAllowedException } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '../kernel/errors.js';
import type { HealthChecks } from '../kernel/health.js';
import { AllowedMethods } from './allowed-methods.js';
import { inRequest } from './logging/request-context.js';
import { pathOf } from './path.js';
import { addRouteHooks } from './route-hooks.js';
import type { Principal } from '../kernel/principal.js';
import { documentationPolicy, isDocumentation, securityHeaders } from './security-headers.js';

const retryAfterSeconds = 2;
const isHealth = (path: string): boolean => path.startsWith('/health/');

/** How large a request's head may be where Node.js does not look. */
export interface HeadLimits {
  maxUrlLength: number;
  maxHeaders: number;
}

/**
 * What happens around every request, whatever answers it. Call before the routes are added.
 * @param isLogged whether the log takes a line for each
 */
export function addHooks(server: FastifyInstance, health: HealthChecks, limits: HeadLimits, isLogged: boolean): void {
  const allowed = new AllowedMethods();
  server.addHook('onRoute', ({ url, method }) => allowed.add(url, [method].flat()));

  server.addHook('onRoute', addRouteHooks);

  // Reading the body would leave the asynchronous context; before it nothing is logged but by the filter of problems.
  server.addHook('preValidation', (request, _reply, done) =>
    inRequest(request.id, done, () => request.raw.socket.destroyed),
  );

  // Hooks that wait for nothing take no promise.
  server.addHook('onRequest', (request, reply, done) => {
    void reply.headers(securityHeaders);
    refuseLargeHead(request, limits);
    // RFC 9112 §3.2.
    if (request.headers.host === undefined && request.raw.httpVersion === '1.1') throw new BadRequestException();
    if (health.isStopping && !isHealth(pathOf(request.url))) {
      reply.header('connection', 'close');
      throw new DomainError('unavailable', 'STOPPING', 'This server is stopping; send the request again.', {
        retryAfterSeconds,
      });
    }
    // Whoever keeps this connection shall take the next one elsewhere (RFC 9112 §9.6).
    if (health.isDraining) reply.header('connection', 'close');
    if (request.is404) refuseMethod(reply, allowed.of(pathOf(request.url)));
    done();
  });

  server.addHook('onSend', (request, reply, _payload, done) => {
    reply.header('x-request-id', request.id);
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
    if (isDocumentation(pathOf(request.url))) reply.header('content-security-policy', documentationPolicy);
    done();
  });

  if (isLogged)
    server.addHook('onResponse', (request, reply, done) => {
      inRequest(request.id, () => logAccess(request, reply));
      done();
    });
}

/** What has an address, but not by this method. */
function refuseMethod(reply: FastifyReply, methods: readonly string[]): void {
  if (methods.length === 0) return;
  reply.header('allow', methods.join(', '));
  throw new MethodNotAllowedException();
}

function refuseLargeHead({ url, raw }: FastifyRequest, { maxUrlLength, maxHeaders }: HeadLimits): void {
  if (url.length > maxUrlLength) throw new HttpException('', 414);
  if (raw.rawHeaders.length / 2 > maxHeaders) throw new HttpException('', 431);
}

const access = new Logger('Access');

/** Neither query nor body nor headers: they may hold secrets. */
function logAccess(request: FastifyRequest, reply: FastifyReply): void {
  const path = pathOf(request.url);
  const userId = (request as { user?: Principal }).user?.userId;
  const line = {
    method: request.method,
    route: request.routeOptions.url ?? path.slice(0, 200),
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime * 10) / 10,
    ...(userId && { userId }),
  };
  if (isHealth(path)) access.debug('Request', line);
  else access.log('Request', line);
}
