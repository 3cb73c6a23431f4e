import { describe, expect, it } from '@jest/globals';
import { FixedClock } from '../../../test/support/fixed-clock.js';
import { readConfig } from '../../config/config.js';
import { VerifiedTokens, maxVerified } from './verified-tokens.js';

function someTokens() {
  const clock = new FixedClock();
  const tokens = new VerifiedTokens(clock, readConfig({ JWT_SECRET: 'k'.repeat(32), JWT_EXPIRATION: '900' }));
  const iat = Math.floor(clock.now().getTime() / 1_000);
  return { clock, tokens, claims: { sub: 'u', sid: 's', iat, exp: iat + 900 } };
}

describe('VerifiedTokens', () => {
  it('knows what it was told, letter by letter', () => {
    const { tokens, claims } = someTokens();
    tokens.remember('Bearer a.b.c', claims);
    expect(tokens.claimsOf('Bearer a.b.c')).toBe(claims);
    for (const other of ['Bearer a.b.d', 'bearer a.b.c', 'Bearer a.b.c ', ''])
      expect(tokens.claimsOf(other)).toBeUndefined();
  });

  it('forgets a token the second it expires', () => {
    const { clock, tokens, claims } = someTokens();
    tokens.remember('Bearer x', claims);
    clock.advance(900_000 - 1 - (clock.now().getTime() % 1_000));
    expect(tokens.claimsOf('Bearer x')).toBe(claims);
    clock.advance(1);
    expect(tokens.claimsOf('Bearer x')).toBeUndefined();
  });

  it('believes no token for longer than tokens live now', () => {
    const { clock, tokens, claims } = someTokens();
    tokens.remember('Bearer x', { ...claims, exp: claims.iat + 86_400 });
    clock.advance(900_000);
    expect(tokens.claimsOf('Bearer x')).toBeUndefined();
  });

  it('keeps a bounded number, the latest', () => {
    const { tokens, claims } = someTokens();
    for (let at = 0; at <= maxVerified; at += 1) tokens.remember(`Bearer ${at}`, claims);
    expect(tokens.claimsOf('Bearer 0')).toBeUndefined();
    expect(tokens.claimsOf(`Bearer ${maxVerified}`)).toBe(claims);
  });
});
