import { maxPageLimit } from './page.js';

/** An entry of a list, with the names of the fields that are cut because they are too large for a list. The route of the single thing shows them whole. */
export type Listed<T> = T & { truncated: string[] };

/** Maximum size in bytes of a payload, a result or a schedule in a list, written as JSON; a larger value is null there. */
export const listedJsonBytes = 4_096;

/** Maximum bytes of all texts in one answer with many entries: the whole answer stays below 2 MiB. */
const maxTextBytes = 900_000;

/**
 * Maximum bytes of one text in a list, written as JSON. All texts of a page share `maxTextBytes`, so a smaller page shows longer
 * texts.
 * @param limit maximum number of entries of the page
 * @param texts number of texts in one entry
 */
export const listedTextBytes = (limit: number, texts = 1): number =>
  Math.floor(maxTextBytes / Math.min(limit, maxPageLimit) / texts);

/** The end of a text that is cut. */
export const cutMark = '… [cut]';
/** Bytes of the mark and of two quotes. */
const markBytes = 11;

/** Two lengths in characters to cut a text to: `long` often fits, `sure` always does, because JSON writes a character in at most 6 bytes. */
export const prefixLengths = (maxBytes: number): [long: number, sure: number] => [
  Math.floor(maxBytes * 0.75),
  Math.max(0, Math.floor((maxBytes - markBytes) / 6)),
];

/** Bytes of a value as JSON in UTF-8. */
export const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** The text, or its beginning with a mark, in at most `maxBytes` bytes of JSON. */
export function listedText(text: string, maxBytes: number): string {
  if (jsonBytes(text) <= maxBytes) return text;
  const characters = Array.from(text);
  const [long, sure] = prefixLengths(maxBytes).map((length) => characters.slice(0, length).join('') + cutMark);
  return jsonBytes(long) <= maxBytes ? (long ?? '') : (sure ?? '');
}

/** Cuts the named fields of an entry. @param maxBytes maximum bytes of each text, written as JSON */
export function listed<T extends object>(
  entry: T,
  { json = [], texts = [] }: { json?: (keyof T & string)[]; texts?: (keyof T & string)[] },
  maxBytes: number,
): Listed<T> {
  const cut: Partial<Record<keyof T, unknown>> = {};
  for (const field of json) if (jsonBytes(entry[field]) > listedJsonBytes) cut[field] = null;
  for (const field of texts) {
    const text = entry[field];
    if (typeof text === 'string' && jsonBytes(text) > maxBytes) cut[field] = listedText(text, maxBytes);
  }
  return { ...entry, ...cut, truncated: Object.keys(cut) };
}
