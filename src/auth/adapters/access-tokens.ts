import { createHash, createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Config } from '../../config/config.js';

/** What every access token says and how it is signed; a token that differs in any of it is refused. `at+jwt`: RFC 9068. */
export const accessTokens = { algorithm: 'HS256', type: 'at+jwt', issuer: 'punctual', audience: 'punctual' } as const;

export interface SigningKey {
  /** The token's `kid`. */
  id: string;
  /** As a key object: given text, the JWT library tries to read it as a public key for every token. */
  key: KeyObject;
}

const idLength = 8;

const signingKey = (secret: string): SigningKey => ({
  id: createHash('sha256').update(`kid ${secret}`).digest('base64url').slice(0, idLength),
  key: createSecretKey(Buffer.from(secret)),
});

/** The key that signs, and then the one that signed before, while secrets are being changed. */
export function signingKeys({ auth }: Config): [SigningKey, ...SigningKey[]] {
  const { jwtSecret, jwtSecretPrevious } = auth;
  return [signingKey(jwtSecret), ...(jwtSecretPrevious === undefined ? [] : [signingKey(jwtSecretPrevious)])];
}

/**
 * The key that the token says it was signed with; undefined when it names none of these, is of another type, or has a `crit`: it demands that
 * extensions are understood, and here none is (RFC 7515 §4.1.11).
 */
export function keyOf(token: string, keys: readonly SigningKey[]): KeyObject | undefined {
  try {
    const [header = ''] = token.split('.', 1);
    const { kid, typ, crit } = JSON.parse(Buffer.from(header, 'base64url').toString()) as Record<string, unknown>;
    return typ === accessTokens.type && crit === undefined ? keys.find(({ id }) => id === kid)?.key : undefined;
  } catch {
    return undefined;
  }
}
