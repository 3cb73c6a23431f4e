import { Inject, Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext, OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost, Reflector } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Config } from '../../config/config.js';
import { limitedRoute } from '../../http/decorators/limited.decorator.js';
import type { IdentityRoute } from '../../http/decorators/limited.decorator.js';
import { DomainError } from '../../kernel/errors.js';
import type { Principal } from '../../kernel/principal.js';
import type { Soon } from '../../kernel/soon.js';
import { headersOf, sender, tightest } from '../domain/allowance.js';
import type { Allowance, Taken } from '../domain/allowance.js';
import { IRateLimiter } from '../interfaces/rate-limiter.js';

const reading: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/** One allowance, whose it is, and what a success does to it. */
interface Claim {
  allowance: Allowance;
  key: string;
  onSuccess?: 'giveBack' | 'forget';
}

type Request = FastifyRequest & { user?: Principal };

/** Claims that a success changes, of requests that are under way. */
const conditional = new WeakMap<FastifyRequest, readonly Claim[]>();

/**
 * Takes of what a caller may have before a route does anything: logins and registrations by address and account, writes by
 * user, who is known by now.
 */
@Injectable()
export class RateLimitGuard implements CanActivate, OnModuleInit {
  private readonly allowances: Record<'account' | 'address' | 'registration' | 'writes', Allowance>;

  constructor(
    @Inject(IRateLimiter) private readonly limiter: IRateLimiter,
    private readonly reflector: Reflector,
    @Inject(Config) { limits }: Config,
    private readonly host: HttpAdapterHost<FastifyAdapter>,
  ) {
    this.allowances = {
      account: { name: 'login-account', points: limits.loginsPerAccount, windowSeconds: 900 },
      address: { name: 'login-address', points: limits.loginsPerAddress, windowSeconds: 900 },
      registration: { name: 'registration', points: limits.registrationsPerAddress, windowSeconds: 3_600 },
      writes: { name: 'writes', points: limits.writesPerUser, windowSeconds: 60 },
    };
  }

  onModuleInit(): void {
    const server = this.host.httpAdapter.getInstance();
    server.addHook('onSend', (request, reply, _payload, done) => {
      if (reply.statusCode < 400) this.succeeded(conditional.get(request) ?? []);
      done();
    });
  }

  canActivate(context: ExecutionContext): Soon<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const route = this.reflector.get<IdentityRoute | undefined>(limitedRoute, context.getHandler());
    const claims = this.claimsOf(request, route).filter(({ allowance }) => allowance.points > 0);
    if (claims.length === 0) return true;
    if (route) conditional.set(request, claims);
    return this.take(claims, http.getResponse<FastifyReply>());
  }

  private async take(claims: readonly Claim[], reply: FastifyReply): Promise<boolean> {
    const taken = await Promise.all(claims.map(({ allowance, key }) => this.limiter.take(allowance, key)));
    const shown = tightest(taken);
    if (shown) tell(reply, shown);
    return true;
  }

  private claimsOf(request: Request, route: IdentityRoute | undefined): Claim[] {
    const { account, address, registration, writes } = this.allowances;
    if (route === 'registration') return [{ allowance: registration, key: sender(request.ip) }];
    if (route === 'login')
      return [
        { allowance: account, key: accountOf(request.body), onSuccess: 'forget' },
        { allowance: address, key: sender(request.ip), onSuccess: 'giveBack' },
      ];
    if (!request.user || reading.includes(request.method)) return [];
    return [{ allowance: writes, key: request.user.userId }];
  }

  private succeeded(claims: readonly Claim[]): void {
    for (const { allowance, key, onSuccess } of claims) if (onSuccess) this.limiter[onSuccess](allowance, key);
  }
}

/** @throws too_many `RATE_LIMITED` when it is used up */
function tell(reply: FastifyReply, shown: Taken): void {
  void reply.headers(headersOf(shown));
  if (shown.allowed) return;
  const retryAfterSeconds = shown.resetSeconds;
  throw new DomainError('too_many', 'RATE_LIMITED', `Too many requests; try again in ${retryAfterSeconds} s.`, {
    retryAfterSeconds,
  });
}

/** The body is not validated yet. Spellings of one address count as one, whether or not there is such an account. */
function accountOf(body: unknown): string {
  const email = (body as { email?: unknown } | null | undefined)?.email;
  return typeof email === 'string' ? email.trim().normalize('NFC').toLowerCase() : '';
}
