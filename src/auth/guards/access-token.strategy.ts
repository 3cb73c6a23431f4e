import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { Config } from '../../config/config.js';
import type { Principal } from '../../kernel/principal.js';
import { accessTokens, keyOf, signingKeys } from '../adapters/access-tokens.js';
import { VerifiedTokens } from '../adapters/verified-tokens.js';
import type { AccessClaims } from '../adapters/verified-tokens.js';
import { PrincipalsService } from '../services/principals.service.js';

/** Reads `Authorization: Bearer`, and nothing else: a token in an address ends up in logs and histories. */
@Injectable()
export class AccessTokenStrategy extends PassportStrategy(Strategy) {
  constructor(
    @Inject(Config) config: Config,
    private readonly principals: PrincipalsService,
    private readonly verified: VerifiedTokens,
  ) {
    const keys = signingKeys(config);
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKeyProvider: (_request: unknown, token: string, done: (error: string | null, key?: string) => void) => {
        const key = keyOf(token, keys);
        // The library takes a key object, its types only text and bytes.
        if (key) done(null, key as unknown as string);
        else done('unknown key');
      },
      algorithms: [accessTokens.algorithm],
      passReqToCallback: true,
      issuer: accessTokens.issuer,
      audience: accessTokens.audience,
      // Also refuses tokens without an `iat`, and bounds those that a longer setting once issued.
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way to pass `maxAge`
      jsonWebTokenOptions: { maxAge: config.auth.jwtExpirationSeconds },
    });
  }

  /** @returns what the request acts for; null when the token names nobody who may act, or a login that has ended */
  async validate(
    { headers }: FastifyRequest,
    { sub, sid, jti, iat, exp, nbf }: Record<string, unknown>,
  ): Promise<Principal | null> {
    if (typeof sid !== 'string' || typeof jti !== 'string' || typeof iat !== 'number' || typeof exp !== 'number')
      return null;
    const claims = { sub, sid, iat, exp };
    if (headers.authorization !== undefined && nbf === undefined) this.verified.remember(headers.authorization, claims);
    return this.principalOf(claims);
  }

  /** The same for a token that was verified before. */
  async principalOf({ sub, sid }: AccessClaims): Promise<Principal | null> {
    const principal = await this.principals.ofSession(sid);
    return principal?.userId === sub ? principal : null;
  }

  /** As `principalOf`, where the answer is known; undefined: ask. */
  knownPrincipalOf({ sub, sid }: AccessClaims): Principal | undefined {
    const principal = this.principals.knownOfSession(sid);
    return principal && principal.userId === sub ? principal : undefined;
  }
}
