/** Searches a text for a byte sequence in one pass, also when the sequence repeats itself (Knuth, Morris and Pratt). */
export class BytePattern {
  /** For each matched length, the number of last bytes that are also the pattern's first bytes. */
  private readonly borders: Uint32Array;

  /** @param bytes at least one */
  constructor(private readonly bytes: Uint8Array) {
    this.borders = new Uint32Array(bytes.length + 1);
    let border = 0;
    for (let at = 1; at < bytes.length; at += 1) {
      border = this.after(border, bytes[at] ?? 0);
      this.borders[at + 1] = border;
    }
  }

  get length(): number {
    return this.bytes.length;
  }

  /** @returns `ends`: the offset behind each match; `begun`: how many of the pattern's first bytes the haystack ends with */
  find(haystack: Uint8Array): { ends: number[]; begun: number } {
    const ends: number[] = [];
    let matched = 0;
    const first = this.bytes[0] ?? 0;
    for (let at = 0; at < haystack.length; at += 1) {
      if (matched === 0) {
        // A native search skips the bytes that cannot begin a match.
        at = haystack.indexOf(first, at);
        if (at < 0) break;
      }
      matched = this.after(matched, haystack[at] ?? 0);
      if (matched < this.bytes.length) continue;
      ends.push(at + 1);
      matched = this.borders[matched] ?? 0;
    }
    return { ends, begun: matched };
  }

  private after(matched: number, byte: number): number {
    let length = matched;
    while (length > 0 && this.bytes[length] !== byte) length = this.borders[length] ?? 0;
    return this.bytes[length] === byte ? length + 1 : 0;
  }
}
