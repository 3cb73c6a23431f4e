import { applyDecorators } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { invalid } from '../../kernel/errors.js';
import { AddRouteConfig } from './route-config.js';

/** What a route's Fastify configuration holds of it. */
export interface IdempotencyConfig {
  takesIdempotencyKey?: boolean;
}

const config: IdempotencyConfig = { takesIdempotencyKey: true };

const allowed = /^[\x21-\x7e]{1,255}$/;

/** The request's `Idempotency-Key`, or null; 400 when it is not 1 to 255 visible ASCII characters. */
export function idempotencyKeyOf({ headers }: FastifyRequest): string | null {
  const key = headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key === 'string' && allowed.test(key)) return key;
  throw invalid([
    { pointer: '/Idempotency-Key', detail: 'Idempotency-Key must be 1 to 255 visible ASCII characters.' },
  ]);
}

/** What is to be answered; says in a header whether it had been answered before. */
export function answerOf<T>({ answer, replayed }: { answer: T; replayed: boolean }, reply: FastifyReply): T {
  if (replayed) void reply.header('idempotency-replayed', 'true');
  return answer;
}

/** For a route that takes `Idempotency-Key`; all others by POST or PATCH refuse it. */
export const ApiIdempotencyKey = () =>
  applyDecorators(
    AddRouteConfig(config),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description:
        'Chosen by you, new for each request that is to be done: sent again with the same body for as long as it is known, a week unless this server is set otherwise, the first answer comes again and nothing is created; with another body it is 422.',
      schema: { type: 'string', maxLength: 255, example: '7f9c24e8-order-4711' },
    }),
  );
