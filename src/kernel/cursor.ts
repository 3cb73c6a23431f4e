import { createHash } from 'node:crypto';
import { canonical } from './canonical.js';
import { invalid } from './errors.js';

/** One stretch of a list that is walked from its start; no stretch is skipped or seen twice while the list grows. */
export interface Walk<T> {
  data: T[];
  /** `nextCursor` asks for the next stretch; null at the end. */
  meta: { limit: number; nextCursor: string | null };
}

const separator = '|';
const summaryOf = (query: unknown): string =>
  createHash('sha256').update(canonical(query)).digest('base64url').slice(0, 16);

/** The place in a list after which it goes on, as text that is good for the same query only. */
export const cursorAt = (position: readonly string[], query: unknown): string =>
  Buffer.from([summaryOf(query), ...position].join(separator)).toString('base64url');

/**
 * The place that a cursor names.
 * @param parts what each part of a position must look like
 * @throws DomainError `INVALID_CURSOR` unless {@link cursorAt} wrote it for this query
 */
export function positionOf(cursor: string, query: unknown, parts: readonly RegExp[]): string[] {
  const text = Buffer.from(cursor, 'base64url').toString();
  const [summary, ...position] = text.split(separator);
  const fits = position.length === parts.length && parts.every((part, index) => part.test(position[index] ?? ''));
  if (fits && summary === summaryOf(query) && cursorAt(position, query) === cursor) return position;
  const detail = 'cursor must be the nextCursor of an answer to the same query.';
  throw invalid([{ pointer: '/cursor', detail }], 'INVALID_CURSOR');
}
