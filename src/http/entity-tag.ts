import { createHash } from 'node:crypto';
import { canonical } from '../kernel/canonical.js';

/** Hexadecimal digits that tell two representations apart: 128 bits. */
const digits = 32;

/**
 * A strong entity tag (RFC 9110 §8.8.3): another one whenever any value in the representation, a JSON value, differs. What
 * only the answer to a change tells, `scheduleNote`, is no part of what is read afterwards.
 */
export const entityTagOf = (representation: unknown): string =>
  `"${createHash('sha256')
    .update(canonical(lasting(representation)))
    .digest('hex')
    .slice(0, digits)}"`;

const lasting = (representation: unknown): unknown =>
  typeof representation === 'object' && representation !== null && 'scheduleNote' in representation
    ? { ...representation, scheduleNote: null }
    : representation;

/** The tags of an `If-Match` or `If-None-Match` field; null for `*`, which any representation matches. */
function listed(field: string): string[] | null {
  const tags = field.split(',').map((tag) => tag.trim());
  return tags.length === 1 && tags[0] === '*' ? null : tags;
}

/** Strong comparison: a weak tag (`W/"…"`) equals none. @param tags those that the representation has; all are strong */
export function matchesStrongly(field: string, tags: readonly string[]): boolean {
  const wanted = listed(field);
  return wanted === null || wanted.some((tag) => tags.includes(tag));
}

/** Weak comparison, which `If-None-Match` asks for: `W/"a"` equals `"a"`. */
export function matchesWeakly(field: string, tags: readonly string[]): boolean {
  const wanted = listed(field);
  return wanted === null || wanted.some((tag) => tags.includes(tag.replace(/^W\//, '')));
}
