import { finalStatusOf, readHead } from './answer-head.js';
import type { AnswerHead } from './answer-head.js';

/** Bytes of a head, and of a chunk's line or the trailers, that are read. */
export const maxHeadBytes = 16_384;
/** Interim answers (RFC 9110 §15.2) that are waited through: some servers send one every few seconds while they work. */
const maxInterim = 1_000;

/** What a parser tells, in this order: one head, data, and one end. */
export interface AnswerListener {
  onHead(head: AnswerHead): void;
  onData(data: Buffer): void;
  /** @param problem why the body is not complete; undefined when it is */
  onEnd(problem?: string): void;
  /** No final status has come, and none will. */
  onFailure(error: Error): void;
}

type State = 'head' | 'length' | 'rest' | 'chunk-line' | 'chunk' | 'chunk-end' | 'trailers' | 'ended';

/**
 * Reads one answer of HTTP/1 (RFC 9112) from a connection's bytes, however they are cut. Once a final status has come in full, it is
 * told, whatever follows: what is wrong behind it ends the body with a note.
 */
export class AnswerParser {
  private state: State = 'head';
  private pending: Buffer = Buffer.alloc(0);
  private missing = 0;
  private interim = 0;

  constructor(
    private readonly method: string,
    private readonly listener: AnswerListener,
  ) {}

  /** Bytes behind the answer's end; what sends them cannot be trusted with another request. */
  get hasMore(): boolean {
    return this.pending.length > 0;
  }

  push(data: Buffer): void {
    this.pending = this.pending.length === 0 ? data : Buffer.concat([this.pending, data]);
    while (this.step());
  }

  /** Nothing more will come. @param why in one sentence, should something be missing */
  end(why: string, cause: Error = Object.assign(new Error(why), { code: 'ECONNRESET' })): void {
    if (this.state === 'ended') return;
    if (this.state === 'rest') return this.finish();
    if (this.state === 'head') this.breakOff(why, cause);
    else this.finish(why);
  }

  /** Ends the answer with what there is, also where its end could not be told from a broken connection. */
  cut(why: string, cause: Error): void {
    if (this.state === 'rest') this.finish(why);
    else this.end(why, cause);
  }

  private step(): boolean {
    switch (this.state) {
      case 'head':
        return this.stepHead();
      case 'rest':
        return this.emit(this.pending.length);
      case 'length':
      case 'chunk':
        return this.stepCounted();
      case 'chunk-line':
      case 'chunk-end':
      case 'trailers':
        return this.stepLine();
      case 'ended':
        return false;
    }
  }

  private stepHead(): boolean {
    this.skipEmptyLines();
    if (!'HTTP/1.'.startsWith(this.pending.toString('latin1', 0, 7)))
      return this.fail(new Error('The target does not speak HTTP/1.'));
    const end = endOfHead(this.pending);
    if (end === undefined ? this.pending.length > maxHeadBytes : end > maxHeadBytes) {
      const why = `The head of the answer is longer than ${maxHeadBytes} bytes.`;
      this.breakOff(why, new Error(why));
      return false;
    }
    if (end === undefined) return false;
    const head = readHead(linesOf(this.pending.subarray(0, end)), this.method);
    this.pending = this.pending.subarray(end);
    if (!head) return this.fail(new Error('The target does not speak HTTP/1.'));
    if (head.status < 200) return this.passOver(head.status);
    this.begin(head);
    return true;
  }

  private passOver(status: number): boolean {
    this.interim += 1;
    if (status === 101) return this.fail(new Error('The target changed the protocol without being asked to (101).'));
    return (
      this.interim <= maxInterim || this.fail(new Error(`The target sent more than ${maxInterim} interim answers.`))
    );
  }

  private begin(head: AnswerHead): void {
    this.listener.onHead(head);
    const { framing } = head;
    if (framing.kind === 'unknown') return this.finish(framing.why);
    if (framing.kind === 'none' || (framing.kind === 'length' && framing.bytes === 0)) return this.finish();
    if (framing.kind === 'length') this.missing = framing.bytes;
    this.state = framing.kind === 'chunked' ? 'chunk-line' : framing.kind;
  }

  private stepCounted(): boolean {
    const taken = Math.min(this.missing, this.pending.length);
    this.missing -= taken;
    this.emit(taken);
    if (this.missing > 0) return false;
    if (this.state === 'length') this.finish();
    else this.state = 'chunk-end';
    return true;
  }

  private stepLine(): boolean {
    const end = this.pending.indexOf('\n');
    if (end < 0 ? this.pending.length > maxHeadBytes : end > maxHeadBytes)
      return this.stop('The answer has a chunk whose line or trailers are too long.');
    if (end < 0) return false;
    const line = this.pending.toString('latin1', 0, end).replace(/\r$/, '');
    this.pending = this.pending.subarray(end + 1);
    if (this.state === 'trailers') return this.stepTrailer(line, end + 1);
    if (this.state === 'chunk-end') {
      this.state = 'chunk-line';
      return line === '' || this.stop('The answer has a chunk that does not end where it says.');
    }
    const [, size] = /^([0-9a-f]{1,13})[ \t]*(?:;.*)?$/i.exec(line) ?? [];
    if (size === undefined) return this.stop('The answer has a chunk without a size.');
    this.missing = Number.parseInt(size, 16);
    this.state = this.missing === 0 ? 'trailers' : 'chunk';
    if (this.missing === 0) this.missing = maxHeadBytes;
    return true;
  }

  /** Trailers are read past; `missing` is what they may still have. */
  private stepTrailer(line: string, bytes: number): boolean {
    if (line === '') this.finish();
    else if ((this.missing -= bytes) < 0)
      return this.stop('The answer has a chunk whose line or trailers are too long.');
    return true;
  }

  private emit(bytes: number): boolean {
    if (bytes > 0) this.listener.onData(this.pending.subarray(0, bytes));
    this.pending = this.pending.subarray(bytes);
    return false;
  }

  /** A status line that has come in full decides, though its head has not ended. */
  private breakOff(why: string, cause: Error): void {
    this.skipEmptyLines();
    const lines = linesOf(this.pending.subarray(0, this.pending.lastIndexOf('\n') + 1));
    const head = finalStatusOf(lines[0] ?? '') === undefined ? undefined : readHead(lines, this.method);
    if (!head) return void this.fail(cause);
    this.listener.onHead({ ...head, reusableMs: 0 });
    this.finish(why);
  }

  private skipEmptyLines(): void {
    let start = 0;
    while (this.pending[start] === 0x0d || this.pending[start] === 0x0a) start += 1;
    if (start > 0) this.pending = this.pending.subarray(start);
  }

  private stop(problem: string): boolean {
    this.finish(problem);
    return false;
  }

  private fail(error: Error): boolean {
    this.state = 'ended';
    this.listener.onFailure(error);
    return false;
  }

  private finish(problem?: string): void {
    this.state = 'ended';
    this.listener.onEnd(problem);
  }
}

/** Behind the empty line; lines may end without a carriage return (RFC 9112 §2.2). */
function endOfHead(bytes: Buffer): number | undefined {
  for (let at = bytes.indexOf('\n'); at >= 0; at = bytes.indexOf('\n', at + 1)) {
    if (bytes[at + 1] === 0x0a) return at + 2;
    if (bytes[at + 1] === 0x0d && bytes[at + 2] === 0x0a) return at + 3;
  }
  return undefined;
}

const linesOf = (head: Buffer): string[] =>
  head
    .toString()
    .split(/\r?\n/)
    .filter((line) => line !== '');
