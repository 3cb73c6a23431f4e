/** Bytes as they read after some decoding, and where in the original text each of them was written. */
export interface DecodedText {
  bytes: Uint8Array;
  /** Offset of the first byte in the original's UTF-8 that each was read from. */
  starts: Uint32Array;
  /** Offset behind the last. */
  ends: Uint32Array;
  /** Whether it reaches the original's end, where something may have been cut. */
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

/** Collects the bytes of a layer that has at most as many as the one it is read from. */
export class LayerWriter {
  private length = 0;
  private readonly bytes: Uint8Array;
  private readonly starts: Uint32Array;
  private readonly ends: Uint32Array;

  constructor(private readonly source: DecodedText) {
    const size = source.bytes.length;
    [this.bytes, this.starts, this.ends] = [new Uint8Array(size), new Uint32Array(size), new Uint32Array(size)];
  }

  /** @param from first byte of the source that this one was read from @param to behind the last */
  byte(byte: number, from: number, to: number): void {
    this.bytes[this.length] = byte;
    this.starts[this.length] = this.source.starts[from] ?? 0;
    this.ends[this.length] = this.source.ends[to - 1] ?? 0;
    this.length += 1;
  }

  /** As it is in the source. */
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
