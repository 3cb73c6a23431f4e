/** Bytes to look for, in one pass whatever they repeat (Knuth, Morris and Pratt). */
export class BytePattern {
  /** For each length of a match, how much of it may begin another. */
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

  /** @returns where matches end, and how many of its first bytes the haystack ends with */
  find(haystack: Uint8Array): { ends: number[]; begun: number } {
    const ends: number[] = [];
    let matched = 0;
    const first = this.bytes[0] ?? 0;
    for (let at = 0; at < haystack.length; at += 1) {
      if (matched === 0) {
        // Most of a text is nothing like it.
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
