import { Injectable } from '@nestjs/common';
import type { ExecutionContext, Type } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { accessRule } from '../../http/decorators/access.decorator.js';
import type { AccessRule } from '../../http/decorators/access.decorator.js';
import { publicRoute } from '../../http/decorators/public.decorator.js';
import { DomainError } from '../../kernel/errors.js';
import type { Principal } from '../../kernel/principal.js';
import type { MaybePromise } from '../../kernel/maybe-promise.js';
import { VerifiedTokens } from '../adapters/verified-tokens.js';
import type { AccessClaims } from '../adapters/verified-tokens.js';
import { checkAccess } from '../domain/access.js';
import { PrincipalsService } from '../services/principals.service.js';
import { AccessTokenStrategy } from './access-token.strategy.js';

type Request = FastifyRequest & { user?: Principal };

type Rule = AccessRule | 'public';

/** What a request shows: a key, or a token that is known to be genuine; else a token that is not, or nothing. */
interface Credentials {
  key: string | undefined;
  claims: AccessClaims | undefined;
}

/** Lets a request in when its route is `@Public()`, or its credential is valid and may do what the route's `@Access()` says. */
@Injectable()
export class AccessGuard extends AuthGuard('jwt') {
  private readonly rules = new Map<Type, Map<unknown, Rule>>();

  constructor(
    private readonly reflector: Reflector,
    private readonly principals: PrincipalsService,
    private readonly verified: VerifiedTokens,
    private readonly strategy: AccessTokenStrategy,
  ) {
    super();
  }

  /** Nothing is awaited where all is known: a promise less for each request. */
  override canActivate(context: ExecutionContext): MaybePromise<boolean> {
    const rule = this.ruleOf(context.getHandler(), context.getClass());
    if (rule === 'public') return true;
    const request = context.switchToHttp().getRequest<Request>();
    const key = apiKeyOf(request);
    const claims = key === undefined ? this.verified.claimsOf(request.headers.authorization ?? '') : undefined;
    const known = claims && this.strategy.knownPrincipalOf(claims);
    return known ? admit(request, known, rule) : this.ask(context, request, { key, claims }, rule);
  }

  /** Looked up once: decorators say the same as long as the process lives. */
  private ruleOf(handler: ReturnType<ExecutionContext['getHandler']>, controller: Type): Rule {
    const rules = this.rules.get(controller) ?? new Map<unknown, Rule>();
    this.rules.set(controller, rules);
    const known = rules.get(handler);
    if (known) return known;
    const targets = [handler, controller];
    const isPublic = this.reflector.getAllAndOverride<boolean | undefined>(publicRoute, targets);
    const rule = isPublic ? 'public' : this.reflector.getAllAndOverride<AccessRule>(accessRule, targets);
    rules.set(handler, rule);
    return rule;
  }

  private async ask(context: ExecutionContext, request: Request, { key, claims }: Credentials, rule: AccessRule) {
    if (key !== undefined) return admit(request, await this.principals.ofApiKey(key), rule);
    if (claims) return admit(request, await this.strategy.principalOf(claims), rule);
    await super.canActivate(context);
    return admit(request, request.user, rule);
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

function admit(request: Request, principal: Principal | null | undefined, rule: AccessRule): boolean {
  if (!principal) throw unauthenticated();
  request.user = principal;
  checkAccess(principal, rule);
  return true;
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
