import { LayerWriter } from './decoded-text.js';
import type { DecodedText } from './decoded-text.js';

/** Reads one encoding off a layer, once; several answers where it cannot be told where the encoding begins, none where it is not used. */
export type Decoder = (layer: DecodedText) => DecodedText[];

interface Escapes {
  /** Characters that an escape begins with. */
  first: string;
  /** One that the end of the text has cut: left out. */
  unfinished: RegExp;
  /** What the escape that a text begins with means, and how many bytes it takes; undefined where it begins with none. */
  read: (text: string) => { means: string | number; length: number } | undefined;
}

const longestEscape = 12;

/** A decoder for escapes within text, written in ASCII. */
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
      const escape = read(text.slice(at, at + longestEscape));
      const isCut = !escape && bytes.length - at < longestEscape && unfinished.test(text.slice(at));
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

/** Where one of the wanted bytes stands next, the length where none does; asked with rising places, it looks at each byte once. */
function finder(bytes: Uint8Array, wanted: readonly number[]): (from: number) => number {
  const places = wanted.map(() => -1);
  return (from) => {
    wanted.forEach((byte, index) => {
      if ((places[index] ?? 0) >= from) return;
      const place = bytes.indexOf(byte, from);
      places[index] = place < 0 ? bytes.length : place;
    });
    return Math.min(...places);
  };
}

function readPercent(text: string) {
  const [whole, hex] = /^%([0-9a-f]{2})/i.exec(text) ?? [];
  return whole && hex ? { means: parseInt(hex, 16), length: whole.length } : undefined;
}

/** `%41`, as in URLs. */
const percent = escapes({ first: '%', unfinished: /^%[0-9a-f]?$/i, read: readPercent });

/** As in forms, which write a space as `+`. */
const form = escapes({
  first: '+%',
  unfinished: /^%[0-9a-f]?$/i,
  read: (text) => (text.startsWith('+') ? { means: ' ', length: 1 } : readPercent(text)),
});

const shortEscapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** `\n`, `\"`, `\u0041`, `\x41`, as in JSON and in what programs print. */
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

/** `&amp;`, `&#38;`, `&#x26;`, as in pages that show what they were sent. */
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

/** What each byte is worth as a digit; white space may stand between digits. */
function digits(...alphabets: string[]): Int8Array {
  const values = new Int8Array(256).fill(foreign);
  for (const byte of Buffer.from(' \t\r\n')) values[byte] = gap;
  for (const alphabet of alphabets) Buffer.from(alphabet).forEach((byte, value) => void (values[byte] = value));
  return values;
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const base64Digits = digits(`${letters}+/`, `${letters}-_`);
const hexDigits = digits('0123456789abcdef', '0123456789ABCDEF');

/** Decoders for bytes written in digits of `bits` bits: one answer for each digit of a group that the first byte may begin at. */
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
        // Keeps what ends one run and what begins the next apart.
        if (end !== last) writer.byte(0, end, end + 1);
      }
      return writer.done(layer.reachesEnd && isLast);
    });
  };
};

/** Where digits stand that only white space parts. */
function runsOf(bytes: Uint8Array, values: Int8Array, shortest: number): Uint32Array[] {
  const runs: Uint32Array[] = [];
  const places = new Uint32Array(bytes.length);
  let [begun, length] = [0, 0];
  for (let at = 0; at <= bytes.length; at += 1) {
    const value = at < bytes.length ? (values[bytes[at] ?? 0] ?? foreign) : foreign;
    if (value >= 0) {
      places[length] = at;
      length += 1;
    } else if (value === foreign) {
      if (length - begun > shortest) runs.push(places.subarray(begun, length));
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
    // A digit that holds bits of two bytes belongs to both.
    first = width > 0 ? index : index + 1;
  }
}

/** Encodings of text as text. */
export const textDecoders: readonly Decoder[] = [percent, form, backslash, html];
/** Encodings of bytes as digits: base64, base64url and hexadecimal. */
export const digitDecoders: readonly Decoder[] = [written(base64Digits, 6, 4), written(hexDigits, 4, 2)];
