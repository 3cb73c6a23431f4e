import { DomainError } from '../../kernel/errors.js';

/** So much of something in so much time. */
export interface Allowance {
  /** As the `RateLimit` headers name it. */
  name: string;
  /** How many in one window; 0 is no limit. */
  points: number;
  windowSeconds: number;
  /** Taken many at a time, all or none. */
  inLots?: boolean;
}

/** What is left of an allowance after one more was taken. */
export interface Taken {
  allowance: Allowance;
  allowed: boolean;
  remaining: number;
  /** Until the window ends and all of it is there again, in seconds. */
  resetSeconds: number;
}

/** `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10 §3, §4). */
export const headersOf = ({ allowance: { name, points, windowSeconds }, remaining, resetSeconds }: Taken) => ({
  'ratelimit-policy': `"${name}";q=${points};w=${windowSeconds}`,
  ratelimit: `"${name}";r=${remaining};t=${resetSeconds}`,
});

/** The one to tell a caller of: the first that is used up, else the one of which the least is left. */
export function tightest(taken: readonly Taken[]): Taken | undefined {
  return taken.find(({ allowed }) => !allowed) ?? [...taken].sort((a, b) => a.remaining - b.remaining)[0];
}

/** @returns what is answered to whom nothing is left */
export function rateLimited(taken: Taken): DomainError {
  const retryAfterSeconds = taken.resetSeconds;
  return new DomainError('too_many', 'RATE_LIMITED', `Too many requests; try again in ${retryAfterSeconds} s.`, {
    retryAfterSeconds,
    headers: headersOf(taken),
  });
}

/** What an address is counted under: of IPv6 the network of one customer (/64), since each has more addresses than memory. */
export function sender(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address.replace(/^::ffff:/i, '');
  const [front = '', back] = address.split('::');
  const groups = front.split(':').filter(Boolean);
  const rest = (back ?? '').split(':').filter(Boolean);
  const zeros = back === undefined ? 0 : 8 - groups.length - rest.length;
  return [...groups, ...Array<string>(Math.max(0, zeros)).fill('0'), ...rest].slice(0, 4).join(':');
}
