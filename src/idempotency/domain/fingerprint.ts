import { createHash } from 'node:crypto';

/** SHA-256 of a JSON value, hexadecimal; the order of members does not matter. */
export const fingerprintOf = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify([value], (_key, member: unknown) => (isPlain(member) ? sortedMembers(member) : member)))
    .digest('hex');

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const sortedMembers = (value: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
