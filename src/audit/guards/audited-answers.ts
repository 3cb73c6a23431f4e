import { Inject, Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuditedRoute } from '../../http/decorators/audited.decorator.js';
import { IAuditTrail } from '../interfaces/audit-trail.js';
import { routeOf, scopeOf } from './audited-requests.js';

/** Answers of requests that no use case has recorded, until they are sent. */
const answers = new WeakMap<FastifyRequest, object>();

/**
 * Sees to it that each request of an audited route that succeeds has its one entry before it is answered. Hooks of Fastify and
 * no interceptor: one interceptor has Nest take every request through observables.
 */
@Injectable()
export class AuditedAnswers implements OnModuleInit {
  constructor(
    @Inject(IAuditTrail) private readonly trail: IAuditTrail,
    private readonly host: HttpAdapterHost<FastifyAdapter>,
  ) {}

  onModuleInit(): void {
    const server = this.host.httpAdapter.getInstance();
    server.addHook<object>('preSerialization', (request, _reply, answer, done) => {
      if (scopeOf(request)?.isRecorded === false) answers.set(request, answer);
      done(null, answer);
    });
    server.addHook('onSend', (request, reply, payload, done) => {
      const route = missing(request, reply);
      if (!route) return done(null, payload);
      const recorded = this.trail.record(null, changeOf(request, route, answers.get(request)));
      recorded.then(() => done(null, payload), done);
    });
  }
}

/** The route whose success no use case has recorded. An answer that is given again has changed nothing. */
function missing(request: FastifyRequest, reply: FastifyReply): AuditedRoute | undefined {
  const isDone = reply.statusCode < 400 && scopeOf(request)?.isRecorded === false;
  return isDone && !reply.hasHeader('idempotency-replayed') ? routeOf(request) : undefined;
}

/** What the request and its answer tell of the change, where no use case has said more. */
function changeOf(request: FastifyRequest, { target }: AuditedRoute, answer: unknown) {
  const shown = (answer ?? {}) as { id?: unknown };
  const [id = shown.id] = Object.values((request.params ?? {}) as Record<string, unknown>);
  return { target: { kind: target, id: typeof id === 'string' ? id : null }, after: answer };
}
