import { HttpException, Logger, MethodNotAllowedException } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '../../kernel/errors.js';
import type { HealthChecks } from '../../kernel/health.js';
import { AllowedMethods } from './allowed-methods.js';
import { inRequest } from '../logging/request-context.js';
import { pathOf } from '../path.js';
import { addRouteHooks } from './route-hooks.js';
import type { Principal } from '../../kernel/principal.js';
import { documentationPolicy, isDocumentation, securityHeaders } from '../security-headers.js';

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
    refuseBadHost(request);
    refuseCodedBody(request);
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

/** An address or a name with a port, or nothing (RFC 9110 §7.2); a comma, which RFC 3986 allows in a name, would be a list. */
const host = /^(?:\[[0-9a-z:.]+\]|(?:[a-z0-9._~!$&'()*+;=-]|%[0-9a-f]{2})*)(?::\d*)?$/i;

/** RFC 9112 §3.2: none, more than one, or what is no host, is 400. Others on the way might take the other one. */
function refuseBadHost({ raw }: FastifyRequest): void {
  const given = hostsOf(raw.rawHeaders);
  if (given.length === 0 && raw.httpVersion === '1.1')
    throw new DomainError('invalid', 'BAD_REQUEST', 'The request has no Host header; HTTP/1.1 asks for one.');
  if (given.length > 1)
    throw new DomainError('invalid', 'BAD_REQUEST', 'The request has more than one Host header; send one.');
  if (given.length === 1 && !host.test(given[0]!.trim()))
    throw new DomainError(
      'invalid',
      'BAD_REQUEST',
      'The Host header must be one name or address, with or without a port.',
    );
}

/** `headers.host` is the first alone. @param raw names and values in turn */
function hostsOf(raw: readonly string[]): string[] {
  const hosts: string[] = [];
  for (let at = 0; at < raw.length; at += 2)
    if (raw[at]?.length === 4 && raw[at]?.toLowerCase() === 'host') hosts.push(raw[at + 1] ?? '');
  return hosts;
}

/** RFC 9110 §15.5.16. */
function refuseCodedBody({ headers }: FastifyRequest): void {
  const codings = headers['content-encoding']?.split(',') ?? [];
  const coding = codings.map((one) => one.trim()).find((one) => !/^(?:identity)?$/i.test(one));
  if (coding === undefined) return;
  throw new DomainError(
    'unsupported',
    'UNSUPPORTED_CONTENT_ENCODING',
    `The Content-Encoding "${coding.slice(0, 40)}" is not taken; send the body as it is, without one.`,
    { headers: { 'accept-encoding': 'identity' } },
  );
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
