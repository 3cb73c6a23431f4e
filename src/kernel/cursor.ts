import { createHash } from 'node:crypto';
import { canonical } from './canonical.js';
import { invalid } from './errors.js';

/** One part of a list that a client reads from its start, part by part. No entry is skipped or repeated while the list grows. */
export interface Walk<T> {
  data: T[];
  /** `nextCursor` asks for the next part; null at the end. */
  meta: { limit: number; nextCursor: string | null };
}

const separator = '|';
const summaryOf = (query: unknown): string =>
  createHash('sha256').update(canonical(query)).digest('base64url').slice(0, 16);

/** Encodes the position after which the list continues. The text is valid for the same query only. */
export const cursorAt = (position: readonly string[], query: unknown): string =>
  Buffer.from([summaryOf(query), ...position].join(separator)).toString('base64url');

/**
 * Decodes the position from a cursor.
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
