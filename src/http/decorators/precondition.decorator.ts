import { applyDecorators, createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Precondition } from '../../kernel/precondition.js';
import { entityTagOf, matchesStrongly, matchesWeakly } from '../entity-tag.js';
import { ApiProblems } from './api-problems.decorator.js';
import { AddRouteConfig } from './route-config.js';

/** What a route's Fastify configuration holds of it. */
export interface PreconditionConfig {
  evaluatesPreconditions?: boolean;
}

const config: PreconditionConfig = { evaluatesPreconditions: true };

/** The preconditions of a request, of a thing that reading shows as `shown`. */
export function preconditionOf<T extends { version: number }>(
  { headers }: Pick<FastifyRequest, 'headers'>,
  shown: (now: T) => object,
): Precondition<T> {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers;
  if (ifMatch === undefined && ifNoneMatch === undefined) return null;
  return (now) => {
    const tags = [entityTagOf(shown(now)), `"${now.version}"`];
    if (ifMatch !== undefined && !matchesStrongly(ifMatch, tags)) return false;
    return ifNoneMatch === undefined || !matchesWeakly(ifNoneMatch, tags);
  };
}

/** A parameter that holds what the request requires of the thing, which reading shows as `shown`: its {@link Precondition}. */
export const preconditionDecorator = (shown: (now: never) => object) =>
  createParamDecorator((_: unknown, context: ExecutionContext): Precondition<{ version: number }> =>
    preconditionOf(context.switchToHttp().getRequest<FastifyRequest>(), shown as (now: { version: number }) => object),
  );

/** For a route that evaluates `If-Match` and `If-None-Match`; all others that change something refuse `If-Match`. */
export const WithPreconditions = () =>
  applyDecorators(
    AddRouteConfig(config),
    ApiHeader({
      name: 'If-Match',
      required: false,
      description:
        'One or more ETags that you have read, compared strongly (RFC 9110): 412, and nothing is done, when what is shown has changed since. A version such as `"3"` asks only that the definition has not changed, whatever its runs have done. `*`: whatever it is now.',
      schema: { type: 'string', example: '*' },
    }),
    ApiProblems(412),
  );
