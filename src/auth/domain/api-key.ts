import type { Scope } from '../../kernel/principal.js';
import { fitsDigest, newSecret } from './secret-token.js';

/** Lets a program act for its owner, within its scopes. */
export interface ApiKey {
  id: string;
  userId: string;
  name: string;
  scopes: readonly Scope[];
  /** Of the secret; see `digestOf`. */
  digest: string;
  /** The last characters, by which a person tells keys apart. */
  hint: string;
  /** Null never expires. */
  expiresAt: Date | null;
  /** To the minute; null when it was never used. */
  lastUsedAt: Date | null;
  createdAt: Date;
}

const hintLength = 4;
const pattern = /^pk_([0-9a-f]{32})_([A-Za-z0-9_-]{43})$/;

/** What the owner sees once: `pk_`, the id without dashes, `_` and 256 random bits. */
export function newApiKeyText(id: string): { text: string; secret: string; hint: string } {
  const secret = newSecret();
  return { text: `pk_${id.replaceAll('-', '')}_${secret}`, secret, hint: secret.slice(-hintLength) };
}

/** The id and the secret of a key as it is sent; null when it is not written like one. */
export function parseApiKey(text: string): { id: string; secret: string } | null {
  const [, hex = '', secret = ''] = pattern.exec(text) ?? [];
  if (!secret) return null;
  return { id: hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'), secret };
}

/** Whether this secret opens the key now. */
export const opens = (key: Pick<ApiKey, 'digest' | 'expiresAt'>, secret: string, now: Date): boolean =>
  fitsDigest(secret, key.digest) && (key.expiresAt === null || key.expiresAt > now);
