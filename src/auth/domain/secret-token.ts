import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** What tokens that are looked up begin with, so that a leaked one is recognised. */
export type TokenPrefix = 'rt' | 'iv';
const bytes = 32;

/** An unguessable token of 256 bits. Only its {@link digestOf} is ever stored. */
export const newToken = (prefix: TokenPrefix): string => `${prefix}_${newSecret()}`;

/** 256 random bits in 43 characters. */
export const newSecret = (): string => randomBytes(bytes).toString('base64url');

/** SHA-256, hexadecimal. Enough for what is random; passwords need a slow hash. */
export const digestOf = (token: string): string => createHash('sha256').update(token).digest('hex');

/** Whether the token is the one behind the digest, in a time that does not depend on where they differ. */
export const fitsDigest = (token: string, digest: string): boolean =>
  timingSafeEqual(Buffer.from(digestOf(token), 'hex'), Buffer.from(digest, 'hex'));

/**
 * The refresh token that follows `token`: whoever holds `token` gets the same one again from the stored `salt`, and nobody
 * can compute it from what is stored.
 */
export const successorOf = (token: string, salt: string): string =>
  `rt_${createHmac('sha256', token).update(salt).digest('base64url')}`;
