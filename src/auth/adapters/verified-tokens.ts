import { Inject, Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { IClock } from '../../kernel/clock.js';

export const maxVerified = 10_000;

/** What an access token says, in seconds since 1970 where it tells a time. */
export interface AccessClaims {
  sub: unknown;
  sid: string;
  iat: number;
  exp: number;
}

/**
 * Access tokens that have been found genuine, so that a signature is not computed for every request: the keys stay as they
 * are as long as the process lives. What may change is asked each time: here whether the token's time is over, elsewhere
 * whether its session still stands. Bounded.
 */
@Injectable()
export class VerifiedTokens {
  private readonly known = new Map<string, AccessClaims>();
  private readonly maxAgeSeconds: number;

  constructor(
    @Inject(IClock) private readonly clock: IClock,
    @Inject(Config) { auth }: Config,
  ) {
    this.maxAgeSeconds = auth.jwtExpirationSeconds;
  }

  /** @param header `Authorization` as it was sent, with a token that has just been verified */
  remember(header: string, claims: AccessClaims): void {
    this.known.set(header, claims);
    const [oldest] = this.known.keys();
    if (this.known.size > maxVerified && oldest !== undefined) this.known.delete(oldest);
  }

  /** undefined for what has not been verified, and for a token whose time is over: verifying it tells which. */
  claimsOf(header: string): AccessClaims | undefined {
    const claims = this.known.get(header);
    if (!claims) return undefined;
    const now = Math.floor(this.clock.now().getTime() / 1_000);
    if (now < claims.exp && now < claims.iat + this.maxAgeSeconds) return claims;
    this.known.delete(header);
    return undefined;
  }
}
