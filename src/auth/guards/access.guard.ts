import { Injectable } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { accessRule } from '../../http/decorators/access.decorator.js';
import type { AccessRule } from '../../http/decorators/access.decorator.js';
import { publicRoute } from '../../http/decorators/public.decorator.js';
import { DomainError } from '../../kernel/errors.js';
import type { Principal } from '../../kernel/principal.js';
import { VerifiedTokens } from '../adapters/verified-tokens.js';
import { checkAccess } from '../domain/access.js';
import { PrincipalsService } from '../services/principals.service.js';
import { AccessTokenStrategy } from './access-token.strategy.js';

/** Lets a request in when its route is `@Public()`, or its credential is valid and may do what the route's `@Access()` says. */
@Injectable()
export class AccessGuard extends AuthGuard('jwt') {
  constructor(
    private readonly reflector: Reflector,
    private readonly principals: PrincipalsService,
    private readonly verified: VerifiedTokens,
    private readonly strategy: AccessTokenStrategy,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(publicRoute, targets)) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest & { user?: Principal }>();
    const key = apiKeyOf(request);
    const claims = key === undefined && this.verified.claimsOf(request.headers.authorization ?? '');
    if (key !== undefined) request.user = (await this.principals.ofApiKey(key)) ?? undefined;
    else if (claims) request.user = (await this.strategy.principalOf(claims)) ?? undefined;
    else await super.canActivate(context);
    if (!request.user) throw unauthenticated();
    checkAccess(request.user, this.reflector.getAllAndOverride<AccessRule>(accessRule, targets));
    return true;
  }

  override handleRequest<T>(error: unknown, principal: T | false | null, refusal: unknown): T {
    if (error) throw error as Error;
    if (principal) return principal;
    throw (refusal as Error | undefined)?.name === 'TokenExpiredError'
      ? new DomainError(
          'unauthenticated',
          'TOKEN_EXPIRED',
          'The access token has expired; POST /auth/refresh gives the next one, POST /auth/login a new one.',
        )
      : unauthenticated();
  }
}

/** The API key that the request shows; undefined when it shows none, and so perhaps an access token. */
function apiKeyOf({ headers }: FastifyRequest): string | undefined {
  const bearer = /^bearer +(pk_.*)$/i.exec(headers.authorization ?? '')?.[1];
  const header = headers['x-api-key'];
  if (header === undefined) return bearer;
  // Two credentials could be of two people, and which one counts would be a guess.
  return headers.authorization === undefined ? String(header) : '';
}

const unauthenticated = (): DomainError =>
  new DomainError(
    'unauthenticated',
    'UNAUTHENTICATED',
    'Send a valid access token as "Authorization: Bearer <access_token>"; POST /auth/login gives one. Or a valid API key as X-API-Key.',
  );
