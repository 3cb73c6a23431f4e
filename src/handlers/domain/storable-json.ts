import type { JsonValue } from '../../kernel/json.js';

/** Deeper values are replaced: PostgreSQL and readers of a result have stacks, too. */
const maxDepth = 32;
const cutMark = '… [cut]';
/** Room for one mark and for the last value that did not quite fit. */
const reserveBytes = 96;

/**
 * Turns whatever a handler answered into JSON that PostgreSQL can store, at most `limitBytes` long when written out.
 * What does not fit is left out from the end and marked once: a string ends in "… [cut]", an array's last element and an
 * object's "…" member say "[cut]". What JSON cannot say is replaced by a note in brackets. Never throws.
 * @param limitBytes at least 256
 */
export function storableJson(value: unknown, limitBytes: number): JsonValue {
  return new Copier(limitBytes - reserveBytes).copy(value, []);
}

/** Text without what PostgreSQL refuses in text and jsonb: NUL and lone surrogates. */
export const storableText = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD');

class Copier {
  private full = false;

  constructor(private remaining: number) {}

  copy(value: unknown, ancestors: readonly object[]): JsonValue {
    try {
      return this.copyUnsafely(value, ancestors);
    } catch {
      // A getter, a proxy or a toJSON of the handler's threw.
      return this.text('[unreadable]');
    }
  }

  private copyUnsafely(value: unknown, ancestors: readonly object[]): JsonValue {
    if (typeof value === 'string') return this.text(value);
    if (typeof value === 'boolean' || value === null) return this.pay(5, value);
    // JSON has no negative zero.
    if (typeof value === 'number') return this.pay(24, Number.isFinite(value) ? value + 0 : null);
    if (typeof value === 'bigint') return this.text(value.toString());
    if (typeof value !== 'object') return this.pay(5, null);
    if (ancestors.includes(value)) return this.text('[circular]');
    if (ancestors.length >= maxDepth) return this.text('[too deep]');
    if ('stack' in value && 'message' in value) return this.text(String(value.message));
    if (ArrayBuffer.isView(value)) return this.text(`[${value.byteLength} bytes]`);
    const inside = [...ancestors, value];
    if ('toJSON' in value && typeof value.toJSON === 'function')
      return this.copy((value as { toJSON(): unknown }).toJSON(), inside);
    if (value instanceof Map || value instanceof Set) return this.array(value, inside);
    return Array.isArray(value) ? this.array(value, inside) : this.object(value, inside);
  }

  private array(values: Iterable<unknown>, inside: readonly object[]): JsonValue {
    const copies: JsonValue[] = [];
    this.pay(2, null);
    for (const value of values) {
      if (this.full) break;
      if (this.overflows(5)) {
        copies.push('[cut]');
        break;
      }
      this.pay(1, null);
      copies.push(this.copy(value, inside));
    }
    return copies;
  }

  private object(value: object, inside: readonly object[]): JsonValue {
    const copies: [string, JsonValue][] = [];
    this.pay(2, null);
    for (const key of Object.keys(value)) {
      if (this.full) break;
      const inner = read(value, key);
      if (inner === undefined || typeof inner === 'function' || typeof inner === 'symbol') continue;
      if (this.overflows(key.length + 8) || this.overflows(jsonBytes(storableText(key)) + 7)) {
        copies.push(['…', '[cut]']);
        break;
      }
      const safeKey = storableText(key);
      this.pay(jsonBytes(safeKey) + 2, null);
      copies.push([safeKey, this.copy(inner, inside)]);
    }
    // Defines own properties, so that a key "__proto__" stays data.
    return Object.fromEntries(copies);
  }

  private text(text: string): string {
    if (text.length + 2 <= this.remaining) {
      const safe = storableText(text);
      const bytes = jsonBytes(safe);
      if (bytes <= this.remaining) return this.pay(bytes, safe);
    }
    this.full = true;
    const kept = longestPrefix(text, this.remaining - 2);
    this.remaining = 0;
    return kept + cutMark;
  }

  private pay<T>(bytes: number, value: T): T {
    this.remaining -= bytes;
    return value;
  }

  private overflows(bytes: number): boolean {
    this.full ||= bytes > this.remaining;
    return this.full;
  }
}

function read(value: object, key: string): unknown {
  try {
    return (value as Record<string, unknown>)[key];
  } catch {
    return '[unreadable]';
  }
}

const jsonBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text));

/** The longest storable beginning of `text` that takes at most `bytes` bytes between JSON's quotes. */
function longestPrefix(text: string, bytes: number): string {
  let [fits, tooLong] = [0, Math.max(0, Math.min(text.length, bytes)) + 1];
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >> 1;
    if (jsonBytes(storableText(text.slice(0, middle))) - 2 <= bytes) fits = middle;
    else tooLong = middle;
  }
  // A pair cut in half would leave a replacement character.
  return storableText(text.slice(0, fits)).replace(/\uFFFD$/u, '');
}
