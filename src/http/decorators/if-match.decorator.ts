import { createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';

/** The entity tags of `If-Match` (RFC 9110 §13.1.1), or null when any version will do. */
export const IfMatch = createParamDecorator((_: unknown, context: ExecutionContext): string[] | null => {
  const header = context.switchToHttp().getRequest<FastifyRequest>().headers['if-match'];
  if (header === undefined || header.trim() === '*') return null;
  return header.split(',').map((tag) => tag.trim());
});

/** Documents `If-Match`. */
export const ApiIfMatch = () =>
  ApiHeader({
    name: 'If-Match',
    required: false,
    description: 'The ETag that you read, such as `"3"`: 412 if it has been changed since. `*`: whatever it is now.',
    schema: { type: 'string', example: '*' },
  });
