import type { JsonValue } from '../../../kernel/json.js';
import { digitDecoders, textDecoders } from './decoders.js';
import type { Decoder } from './decoders.js';
import { decodedTextOf } from './decoded-text.js';
import type { DecodedText } from './decoded-text.js';
import { BytePattern } from './byte-pattern.js';
import { minValueBytes } from '../secret.js';
import { sensitiveParts } from './sensitive-parts.js';

const stars = '***';
/** Removing one value may join the text around it into another one, so redaction repeats until nothing is found, at most this often. */
const maxRounds = 4;
/** The ending of a text that was cut. */
const cutMark = /\uFFFD?(?:… ?(?:\[cut\]|\(cut\))?|\.\.\.)$/u;

/**
 * Replaces secret values by `***` in text that is stored or shown. It finds a value as it is, URL-encoded, escaped as in JSON or HTML,
 * and in base64, base64url or hexadecimal (also as a part of the encoded bytes), and under two of these encodings at once. At the end
 * of a cut text it also finds the beginning of a value.
 */
export class Redactor {
  private readonly needles: readonly BytePattern[];

  /** @param values each at least `minValueBytes` long, and so never shorter than `***`: redaction makes no text longer */
  constructor(values: readonly string[]) {
    const texts = new Set(values.flatMap((value) => [value, ...sensitiveParts(value)]));
    this.needles = [...texts]
      .filter((text) => Buffer.byteLength(text) >= minValueBytes)
      .map((text) => new BytePattern(Buffer.from(text)));
  }

  text(given: string): string {
    let text = given;
    for (let round = 0; round < maxRounds; round += 1) {
      const mark = cutMark.exec(text)?.[0] ?? '';
      // The characters of a cut mark may belong to a value, so the whole text is searched first.
      const shown = this.starred(text, '') ?? (mark === '' ? undefined : this.starred(text, mark));
      if (shown === undefined) return text;
      text = shown;
    }
    return stars;
  }

  /** Also redacts keys and numbers. */
  json(value: JsonValue): JsonValue {
    if (typeof value === 'string') return this.text(value);
    if (typeof value === 'number') return this.text(String(value)) === String(value) ? value : stars;
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((inner) => this.json(inner));
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [this.text(key), this.json(inner)]));
  }

  /** @param mark the cut mark at the text's end, excluded from the search @returns undefined when the text holds no value */
  private starred(text: string, mark: string): string | undefined {
    const bytes = Buffer.from(text.slice(0, text.length - mark.length));
    const spans = this.find(bytes);
    return spans.length === 0 ? undefined : covered(bytes, spans) + mark;
  }

  private find(bytes: Uint8Array): Span[] {
    if (bytes.length < minValueBytes) return [];
    const layer = decodedTextOf(bytes);
    const once = decoded([layer], [...textDecoders]);
    const digits = decoded([layer, ...once], digitDecoders);
    const twice = decoded([...once, ...decoded([layer], digitDecoders)], textDecoders);
    return [layer, ...once, ...digits, ...twice].flatMap((one) => this.findIn(one, bytes.length));
  }

  private findIn({ bytes, starts, ends, reachesEnd }: DecodedText, textLength: number): Span[] {
    return this.needles.flatMap((needle) => {
      const found = needle.find(bytes);
      const spans = found.ends.map((end): Span => [starts[end - needle.length] ?? 0, ends[end - 1] ?? textLength]);
      if (reachesEnd && found.begun >= minValueBytes) spans.push([starts[bytes.length - found.begun] ?? 0, textLength]);
      return spans;
    });
  }
}

/** Offsets: `from` inclusive, `to` exclusive. */
type Span = [from: number, to: number];

const decoded = (layers: readonly DecodedText[], decoders: readonly Decoder[]): DecodedText[] =>
  layers.flatMap((layer) => decoders.flatMap((decoder) => decoder(layer)));

/** The text with `***` in place of each stretch that the spans cover. */
function covered(bytes: Buffer, spans: Span[]): string {
  const parts: string[] = [];
  let written = 0;
  let reached = -1;
  for (const [from, to] of spans.sort((a, b) => a[0] - b[0])) {
    if (from > reached) parts.push(bytes.toString('utf8', written, from), stars);
    reached = Math.max(reached, to);
    written = reached;
  }
  return parts.join('') + bytes.toString('utf8', written);
}
