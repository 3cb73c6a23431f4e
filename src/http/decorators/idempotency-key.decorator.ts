import { applyDecorators } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { invalid } from '../../kernel/errors.js';

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

/** Documents `Idempotency-Key`. */
export const ApiIdempotencyKey = () =>
  applyDecorators(
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description:
        'Chosen by you, new for each submission: sent again with the same body for as long as it is known, a week unless this server is set otherwise, the first answer comes again and nothing is created; with another body it is 422.',
      schema: { type: 'string', maxLength: 255, example: '7f9c24e8-order-4711' },
    }),
  );
