import { storableJson, storableText } from './storable-json.js';

const maxErrorBytes = 8_192;
const maxErrors = 10;
const maxDepth = 5;

/**
 * What a handler threw or rejected with, as one text for people: message, causes and the errors of an aggregate.
 * Storable in PostgreSQL and at most `limitBytes` or 8 kB long, whichever is less. Never throws.
 */
export function errorText(thrown: unknown, limitBytes: number): string {
  return cutText(describe(thrown, [], 'The handler threw'), Math.min(limitBytes, maxErrorBytes));
}

/** Whatever was handed to `log()`, as one storable line of at most `limitBytes`. Never throws. */
export function lineText(message: unknown, limitBytes: number): string {
  if (typeof message === 'string') return cutText(message, limitBytes);
  return cutText(isError(message) ? describe(message, [], '') : plain(message), limitBytes);
}

/** Storable text of at most `limitBytes` bytes of UTF-8; a cut one ends in "… [cut]". */
function cutText(text: string, limitBytes: number): string {
  const mark = '… [cut]';
  const beginning = storableText(text.slice(0, limitBytes + 1));
  if (text.length <= limitBytes && Buffer.byteLength(beginning) <= limitBytes) return beginning;
  const room = new Uint8Array(limitBytes - Buffer.byteLength(mark));
  const { written } = new TextEncoder().encodeInto(beginning, room);
  return Buffer.from(room.buffer, 0, written).toString() + mark;
}

function describe(thrown: unknown, outer: readonly unknown[], subject: string): string {
  try {
    if (typeof thrown === 'string' && thrown.trim() !== '') return thrown;
    if (!isError(thrown)) return `${subject} ${plain(thrown)}.`;
    if (outer.includes(thrown) || outer.length >= maxDepth) return '[circular]';
    const inside = [...outer, thrown];
    const parts = [titleOf(thrown)];
    if ('errors' in thrown && Array.isArray(thrown.errors))
      parts.push(...thrown.errors.slice(0, maxErrors).map((error) => `- ${describe(error, inside, 'threw')}`));
    if (thrown.cause !== undefined) parts.push(`Caused by: ${describe(thrown.cause, inside, 'threw')}`);
    return parts.join('\n');
  } catch {
    return `${subject} an error that cannot be read.`;
  }
}

/** Also for errors of another realm, of which `instanceof` knows nothing. */
const isError = (value: unknown): value is Error =>
  typeof value === 'object' && value !== null && 'message' in value && 'stack' in value;

function titleOf(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const message = typeof error.message === 'string' ? error.message : plain(error.message);
  const text = message.trim() === '' ? error.name : message;
  return code === '' || text.includes(code) ? text : `${text} (${code})`;
}

function plain(value: unknown): string {
  if (value === undefined) return 'undefined';
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`;
  return JSON.stringify(storableJson(value, 1_024));
}
