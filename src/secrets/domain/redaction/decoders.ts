import { LayerWriter } from './decoded-text.js';
import type { DecodedText } from './decoded-text.js';

/**
 * Undoes one encoding, once. Returns several texts when the encoding may begin at several positions, and none when the text does not
 * use the encoding.
 */
export type Decoder = (layer: DecodedText) => DecodedText[];

interface Escapes {
  /** Characters that an escape begins with. */
  first: string;
  /** Matches an escape that the end of the text has cut. Such an escape is left out. */
  unfinished: RegExp;
  /** Decodes the escape at the beginning of the text; `length` is in bytes. Undefined when the text begins with no escape. */
  read: (text: string) => { means: string | number; length: number } | undefined;
}

const maxEscapeLength = 12;

/** Makes a decoder for escapes within text. The escapes themselves are ASCII. */
function escapes({ first, unfinished, read }: Escapes): Decoder {
  const firstBytes = [...Buffer.from(first)];
  return (layer) => {
    const { bytes } = layer;
    const next = finder(bytes, firstBytes);
    let at = next(0);
    if (at === bytes.length) return [];
    const text = Buffer.from(bytes).toString('latin1');
    const writer = new LayerWriter(layer);
    writer.copy(0, at);
    let isEncoded = false;
    while (at < bytes.length) {
      const escape = read(text.slice(at, at + maxEscapeLength));
      const isCut = !escape && bytes.length - at < maxEscapeLength && unfinished.test(text.slice(at));
      isEncoded ||= escape !== undefined || isCut;
      if (isCut) break;
      const to = at + (escape?.length ?? 1);
      if (typeof escape?.means === 'string') writer.text(escape.means, at, to);
      else if (escape) writer.byte(escape.means, at, to);
      else writer.copy(at, to);
      at = next(to);
      writer.copy(to, at);
    }
    return isEncoded ? [writer.done()] : [];
  };
}

/**
 * Finds the next offset, from `from`, of any wanted byte; `bytes.length` when there is none. With rising values of `from` the
 * search reads each byte once for each wanted byte.
 */
function finder(bytes: Uint8Array, wanted: readonly number[]): (from: number) => number {
  const nextOffsets = wanted.map(() => -1);
  return (from) => {
    wanted.forEach((byte, index) => {
      if ((nextOffsets[index] ?? 0) >= from) return;
      const offset = bytes.indexOf(byte, from);
      nextOffsets[index] = offset < 0 ? bytes.length : offset;
    });
    return Math.min(...nextOffsets);
  };
}

function readPercent(text: string) {
  const [whole, hex] = /^%([0-9a-f]{2})/i.exec(text) ?? [];
  return whole && hex ? { means: parseInt(hex, 16), length: whole.length } : undefined;
}

/** `%41`, as in URLs. */
const percent = escapes({ first: '%', unfinished: /^%[0-9a-f]?$/i, read: readPercent });

/** As `percent`, with `+` for a space, as HTML forms encode it. */
const form = escapes({
  first: '+%',
  unfinished: /^%[0-9a-f]?$/i,
  read: (text) => (text.startsWith('+') ? { means: ' ', length: 1 } : readPercent(text)),
});

const shortEscapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** `\n`, `\"`, `\u0041`, `\x41`, as in JSON and in printed string literals. */
const backslash = escapes({
  first: '\\',
  unfinished: /^\\(?:(?:ud[89ab][0-9a-f]{2}\\)?u[0-9a-f]{0,3}|ud[89ab][0-9a-f]{2}\\?|x[0-9a-f]?)?$/i,
  read: (text) => {
    const [pair, high = '', low = ''] = /^\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})/i.exec(text) ?? [];
    if (pair) return { means: String.fromCharCode(parseInt(high, 16), parseInt(low, 16)), length: pair.length };
    const [whole, unit, short = ''] = /^\\(?:u([0-9a-f]{4})|x[0-9a-f]{2}|([nrtbf"'\\/]))/i.exec(text) ?? [];
    if (!whole) return undefined;
    const isShort = short !== '';
    const means = isShort ? (shortEscapes[short] ?? short) : String.fromCharCode(parseInt(unit ?? whole.slice(2), 16));
    return { means, length: whole.length };
  },
});

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** `&amp;`, `&#38;`, `&#x26;`, as in HTML pages that repeat a request. */
const html = escapes({
  first: '&',
  unfinished: /^&#?\w*$/,
  read: (text) => {
    const [whole, named = '', decimal, hex] =
      /^&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9a-f]{1,6}));/i.exec(text) ?? [];
    if (!whole) return undefined;
    const code = hex === undefined ? Number(decimal) : parseInt(hex, 16);
    const means = entities[named.toLowerCase()] ?? String.fromCodePoint(code <= 0x10ffff ? code : 0xfffd);
    return { means, length: whole.length };
  },
});

const gap = -1;
const foreign = -2;

/** Maps each byte to its value as a digit, to `gap` for white space between digits, or to `foreign`. */
function digits(...alphabets: string[]): Int8Array {
  const values = new Int8Array(256).fill(foreign);
  for (const byte of Buffer.from(' \t\r\n')) values[byte] = gap;
  for (const alphabet of alphabets) Buffer.from(alphabet).forEach((byte, value) => void (values[byte] = value));
  return values;
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const base64Digits = digits(`${letters}+/`, `${letters}-_`);
const hexDigits = digits('0123456789abcdef', '0123456789ABCDEF');

/**
 * Makes a decoder for bytes written as digits of `bits` bits each. The first byte may begin at any digit of a group of `group` digits,
 * so the decoder returns one text for each digit of the group.
 */
const written = (values: Int8Array, bits: number, group: number): Decoder => {
  return (layer) => {
    const runs = runsOf(layer.bytes, values, group);
    const last = runs.at(-1)?.at(-1);
    if (last === undefined) return [];
    const isLast = layer.bytes.subarray(last + 1).every((byte) => values[byte] === gap);
    return Array.from({ length: group }, (_, skipped) => {
      const writer = new LayerWriter(layer);
      for (const run of runs) {
        readDigits(run, skipped, layer.bytes, values, bits, writer);
        const end = run.at(-1) ?? 0;
        // A zero byte separates the runs, so that no match spans two of them.
        if (end !== last) writer.byte(0, end, end + 1);
      }
      return writer.done(layer.reachesEnd && isLast);
    });
  };
};

/** The offsets of digits, grouped into runs: only white space separates the digits of one run. Keeps runs longer than `group`. */
function runsOf(bytes: Uint8Array, values: Int8Array, group: number): Uint32Array[] {
  const runs: Uint32Array[] = [];
  const offsets = new Uint32Array(bytes.length);
  let [begun, length] = [0, 0];
  for (let at = 0; at <= bytes.length; at += 1) {
    const value = at < bytes.length ? (values[bytes[at] ?? 0] ?? foreign) : foreign;
    if (value >= 0) {
      offsets[length] = at;
      length += 1;
    } else if (value === foreign) {
      if (length - begun > group) runs.push(offsets.subarray(begun, length));
      begun = length;
    }
  }
  return runs;
}

function readDigits(
  run: Uint32Array,
  skipped: number,
  bytes: Uint8Array,
  values: Int8Array,
  bits: number,
  writer: LayerWriter,
): void {
  let [held, width, first] = [0, 0, skipped];
  for (let index = skipped; index < run.length; index += 1) {
    const at = run[index] ?? 0;
    held = ((held << bits) | (values[bytes[at] ?? 0] ?? 0)) & 0xffff;
    width += bits;
    if (width < 8) continue;
    width -= 8;
    writer.byte((held >> width) & 0xff, run[first] ?? at, at + 1);
    // A digit with bits of two bytes counts as part of both.
    first = width > 0 ? index : index + 1;
  }
}

/** Encodings of text as text. */
export const textDecoders: readonly Decoder[] = [percent, form, backslash, html];
/** Encodings of bytes as digits: base64, base64url and hexadecimal. */
export const digitDecoders: readonly Decoder[] = [written(base64Digits, 6, 4), written(hexDigits, 4, 2)];
