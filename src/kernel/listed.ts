import { maxPageLimit } from './page.js';

/** An entry of a list, and which of its fields are cut because they are too large for one; what there is to one thing has all. */
export type Listed<T> = T & { truncated: string[] };

/** Most bytes of JSON that a list shows of a payload, a result or a schedule; a larger one is null there. */
export const listedJsonBytes = 4_096;

/** Most bytes that texts take in an answer of many entries: with all the rest it stays below 2 MiB. */
const textBytes = 900_000;

/**
 * Most bytes that one text takes in a list, written as JSON. It shares with the others of its page, so that a smaller page shows
 * more of it.
 * @param limit entries of the page at most
 * @param texts that share what an entry may have
 */
export const listedTextBytes = (limit: number, texts = 1): number =>
  Math.floor(textBytes / Math.min(limit, maxPageLimit) / texts);

/** What a text ends in that is cut. */
export const cutMark = '… [cut]';
/** The mark's bytes, and those of two quotes. */
const markBytes = 11;

/** How many characters of a longer text may fit, the most that do being tried first. JSON writes one in 6 bytes at most. */
export const prefixLengths = (most: number): [long: number, sure: number] => [
  Math.floor(most * 0.75),
  Math.max(0, Math.floor((most - markBytes) / 6)),
];

/** Bytes of a value as JSON in UTF-8. */
export const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** The text, or as much of it as fits in so many bytes of JSON with a mark. */
export function listedText(text: string, most: number): string {
  if (jsonBytes(text) <= most) return text;
  const characters = Array.from(text);
  const [long, sure] = prefixLengths(most).map((length) => characters.slice(0, length).join('') + cutMark);
  return jsonBytes(long) <= most ? (long ?? '') : (sure ?? '');
}

/** The entry with a bound in bytes. @param most bytes of JSON of each text */
export function listed<T extends object>(
  entry: T,
  { json = [], texts = [] }: { json?: (keyof T & string)[]; texts?: (keyof T & string)[] },
  most: number,
): Listed<T> {
  const cut: Partial<Record<keyof T, unknown>> = {};
  for (const field of json) if (jsonBytes(entry[field]) > listedJsonBytes) cut[field] = null;
  for (const field of texts) {
    const text = entry[field];
    if (typeof text === 'string' && jsonBytes(text) > most) cut[field] = listedText(text, most);
  }
  return { ...entry, ...cut, truncated: Object.keys(cut) };
}
