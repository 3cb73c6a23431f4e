import { pipeline, Readable } from 'node:stream';
import {
  brotliDecompressSync,
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  gunzipSync,
  inflateRawSync,
  inflateSync,
} from 'node:zlib';

interface Coding {
  stream: () => NodeJS.ReadWriteStream & Readable;
  /** Unpacks a beginning, as far as it goes. */
  beginning: (packed: Buffer, maxOutputLength: number) => Buffer;
}

const finishFlush = constants.Z_SYNC_FLUSH;
const gzip: Coding = {
  stream: createGunzip,
  beginning: (packed, maxOutputLength) => gunzipSync(packed, { finishFlush, maxOutputLength }),
};
const zlib: Coding = {
  stream: createInflate,
  beginning: (packed, maxOutputLength) => inflateSync(packed, { finishFlush, maxOutputLength }),
};
/** `deflate` without its zlib wrapper: not what RFC 9110 §8.4.1.2 says, and what some servers send. */
const rawDeflate: Coding = {
  stream: createInflateRaw,
  beginning: (packed, maxOutputLength) => inflateRawSync(packed, { finishFlush, maxOutputLength }),
};
const brotli: Coding = {
  stream: createBrotliDecompress,
  beginning: (packed, maxOutputLength) =>
    brotliDecompressSync(packed, { finishFlush: constants.BROTLI_OPERATION_FLUSH, maxOutputLength }),
};

const zlibMethod = 8;
/** Each stage costs memory of its own, and nobody has a reason to pack more often. */
const maxCodings = 3;
/** Packed bytes that are kept, to unpack once more what came before a fault. */
const keptBytes = 65_536;

/** A body, unpacked as its codings say. An empty one has nothing to unpack, whatever they say. */
export class Unpacking {
  /** Why the body is left as it came, in one sentence. */
  readonly refusal: string | undefined;
  private readonly kept: Buffer[] = [];
  private keptLength = 0;
  private codings: Coding[] = [];

  /** @param names in the order in which they were applied, in lower case */
  constructor(private readonly names: readonly string[]) {
    const unknown = names.find((name) => codingOf(name, Buffer.alloc(0)) === undefined);
    if (unknown !== undefined) this.refusal = `The body is in the coding ${unknown}, which is not unpacked.`;
    else if (names.length > maxCodings) this.refusal = `The body is packed more than ${maxCodings} times.`;
  }

  /** Rejects where the bytes are not what their coding says. */
  of(body: Readable): AsyncIterable<Buffer> {
    return this.names.length === 0 || this.refusal !== undefined ? body : this.unpacked(body);
  }

  private async *unpacked(body: Readable): AsyncGenerator<Buffer> {
    const packed = (body as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    const first = await packed.next();
    if (first.done === true) return;
    this.codings = this.names.toReversed().map((name, index) => codingOf(name, index === 0 ? first.value : undefined)!);
    const [outer, ...inner] = this.codings.map(({ stream }) => stream());
    let source: Readable = pipeline(Readable.from(this.keeping(first.value, packed)), outer!, () => undefined);
    for (const stream of inner) source = pipeline(source, stream, () => undefined);
    yield* source as AsyncIterable<Buffer>;
  }

  /** After a fault: what came before it, at most `limitBytes`. */
  beforeFault(limitBytes: number): Buffer {
    const [coding] = this.codings;
    const packed = Buffer.concat(this.kept);
    if (!coding || this.codings.length > 1) return Buffer.alloc(0);
    let [right, wrong] = [0, packed.length + 1];
    let found: Buffer = Buffer.alloc(0);
    while (wrong - right > 1) {
      const middle = Math.floor((right + wrong) / 2);
      try {
        found = coding.beginning(packed.subarray(0, middle), limitBytes);
        right = middle;
      } catch {
        wrong = middle;
      }
    }
    return found;
  }

  private async *keeping(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
    for (let next: IteratorResult<Buffer> = { done: false, value: first }; !next.done; next = await rest.next()) {
      if (this.keptLength < keptBytes) this.kept.push(next.value.subarray(0, keptBytes - this.keptLength));
      this.keptLength += next.value.length;
      yield next.value;
    }
  }
}

/** @param first the first bytes, which tell the two kinds of `deflate` apart */
function codingOf(name: string, first: Buffer | undefined): Coding | undefined {
  switch (name) {
    case 'gzip':
    case 'x-gzip':
      return gzip;
    case 'deflate':
      return first !== undefined && first.length > 0 && (first[0]! & 0x0f) !== zlibMethod ? rawDeflate : zlib;
    case 'br':
      return brotli;
    default:
      return undefined;
  }
}
