/** Text after zero or more decodings. Each byte keeps its position in the original text. */
export interface DecodedText {
  bytes: Uint8Array;
  /** For each byte, the offset of the first byte of the original's UTF-8 that it was decoded from. */
  starts: Uint32Array;
  /** For each byte, the offset behind the last byte that it was decoded from. */
  ends: Uint32Array;
  /** Whether the text extends to the original's end. Only there may a secret have been cut off. */
  reachesEnd: boolean;
}

export function decodedTextOf(bytes: Uint8Array): DecodedText {
  const [starts, ends] = [new Uint32Array(bytes.length), new Uint32Array(bytes.length)];
  for (let at = 0; at < bytes.length; at += 1) {
    starts[at] = at;
    ends[at] = at + 1;
  }
  return { bytes, starts, ends, reachesEnd: true };
}

/** Builds a decoded text from another one. No decoding makes a text longer. */
export class LayerWriter {
  private length = 0;
  private readonly bytes: Uint8Array;
  private readonly starts: Uint32Array;
  private readonly ends: Uint32Array;

  constructor(private readonly source: DecodedText) {
    const size = source.bytes.length;
    [this.bytes, this.starts, this.ends] = [new Uint8Array(size), new Uint32Array(size), new Uint32Array(size)];
  }

  /** Appends a byte that was decoded from the source's bytes `from` (inclusive) to `to` (exclusive). */
  byte(byte: number, from: number, to: number): void {
    this.bytes[this.length] = byte;
    this.starts[this.length] = this.source.starts[from] ?? 0;
    this.ends[this.length] = this.source.ends[to - 1] ?? 0;
    this.length += 1;
  }

  /** Appends the source's bytes `from` to `to` unchanged. */
  copy(from: number, to: number): void {
    const { bytes, starts, ends } = this.source;
    this.bytes.set(bytes.subarray(from, to), this.length);
    this.starts.set(starts.subarray(from, to), this.length);
    this.ends.set(ends.subarray(from, to), this.length);
    this.length += to - from;
  }

  text(text: string, from: number, to: number): void {
    for (const byte of Buffer.from(text)) this.byte(byte, from, to);
  }

  done(reachesEnd = this.source.reachesEnd): DecodedText {
    const { bytes, starts, ends, length } = this;
    return {
      bytes: bytes.subarray(0, length),
      starts: starts.subarray(0, length),
      ends: ends.subarray(0, length),
      reachesEnd,
    };
  }
}
