import { Inject, Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext, OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost, Reflector } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Config } from '../../config/config.js';
import { limitedRoute } from '../../http/decorators/limited.decorator.js';
import type { IdentityRoute } from '../../http/decorators/limited.decorator.js';
import type { Principal } from '../../kernel/principal.js';
import type { MaybePromise } from '../../kernel/maybe-promise.js';
import { headersOf, rateLimited, sender, tightest } from '../domain/allowance.js';
import type { Allowance } from '../domain/allowance.js';
import { IRateLimiter } from '../interfaces/rate-limiter.js';

const reading: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/** One allowance, and whose it is. */
interface Claim {
  allowance: Allowance;
  key: string;
}

type Request = FastifyRequest & { user?: Principal };

/** What requests that are under way have taken of what registers. */
const registrations = new WeakMap<FastifyRequest, Claim>();

/**
 * Takes of what a caller may have before a route does anything: registrations by address, writes by user, who is known by
 * now. Passwords are counted where they are compared: what is turned away before that is no guess.
 */
@Injectable()
export class RateLimitGuard implements CanActivate, OnModuleInit {
  private readonly allowances: Record<'registration' | 'writes', Allowance>;

  constructor(
    @Inject(IRateLimiter) private readonly limiter: IRateLimiter,
    private readonly reflector: Reflector,
    @Inject(Config) { limits }: Config,
    private readonly host: HttpAdapterHost<FastifyAdapter>,
  ) {
    this.allowances = {
      registration: { name: 'registration', points: limits.registrationsPerAddress, windowSeconds: 3_600 },
      writes: { name: 'writes', points: limits.writesPerUser, windowSeconds: 60 },
    };
  }

  /** A registration that was turned away, or met an outage, has made no account and told nothing. */
  onModuleInit(): void {
    const server = this.host.httpAdapter.getInstance();
    server.addHook('onSend', (request, reply, _payload, done) => {
      const claim = reply.statusCode >= 500 ? registrations.get(request) : undefined;
      if (claim) this.limiter.giveBack(claim.allowance, claim.key);
      done();
    });
  }

  canActivate(context: ExecutionContext): MaybePromise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const route = this.reflector.get<IdentityRoute | undefined>(limitedRoute, context.getHandler());
    const claims = this.claimsOf(request, route).filter(({ allowance }) => allowance.points > 0);
    if (claims.length === 0) return true;
    const first = claims.find(({ allowance }) => allowance === this.allowances.registration);
    if (first) registrations.set(request, first);
    return this.take(claims, http.getResponse<FastifyReply>());
  }

  /** @throws too_many `RATE_LIMITED` when it is used up */
  private async take(claims: readonly Claim[], reply: FastifyReply): Promise<boolean> {
    const taken = await Promise.all(claims.map(({ allowance, key }) => this.limiter.take(allowance, key)));
    const shown = tightest(taken);
    if (shown?.allowed === false) throw rateLimited(shown);
    if (shown) void reply.headers(headersOf(shown));
    return true;
  }

  private claimsOf(request: Request, route: IdentityRoute | undefined): Claim[] {
    const { registration, writes } = this.allowances;
    const claims: Claim[] = [];
    if (route === 'registration' || (route === 'email' && namesEmail(request.body)))
      claims.push({ allowance: registration, key: sender(request.ip) });
    if (request.user && !reading.includes(request.method)) claims.push({ allowance: writes, key: request.user.userId });
    return claims;
  }
}

/** The body is not validated yet. */
const namesEmail = (body: unknown): boolean => (body as { email?: unknown } | null | undefined)?.email !== undefined;
