import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { AnswerHead } from '../../domain/answer-head.js';
import { AnswerParser } from '../../domain/answer-parser.js';
import type { AnswerListener } from '../../domain/answer-parser.js';

/** One request and its answer, on a connection that nobody else uses meanwhile. */
export class HttpExchange implements AnswerListener {
  /** Resolves when a final status has arrived. */
  readonly head: Promise<AnswerHead>;
  /** What comes of the answer's body, in its codings. Ends with it, or early when the connection does; has no errors. */
  readonly body: Readable;
  /** Why the body ended early, in one sentence; undefined while it has not, and when it is complete. */
  problem: string | undefined;
  /** Whether the answer has ended, early or not. */
  isOver = false;

  private readonly parser: AnswerParser;
  private reusableMs = 0;
  private resolve!: (head: AnswerHead) => void;
  private reject!: (error: Error) => void;

  /** @param giveBack is given the connection's time, in ms, when another request may use it */
  constructor(
    private readonly socket: Socket,
    method: string,
    private readonly giveBack: (ms: number) => void,
  ) {
    this.head = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.parser = new AnswerParser(method, this);
    this.body = new Readable({
      read: () => {
        if (!this.isOver) socket.resume();
      },
      destroy: (error, done) => {
        if (!this.isOver) this.leave();
        done(error);
      },
    });
    socket.on('data', this.onBytes).on('end', this.onEndOfBytes).on('error', this.onBreak).on('close', this.onClose);
    socket.resume();
  }

  send(head: string, body: string | undefined): void {
    this.socket.cork();
    this.socket.write(head, 'latin1');
    if (body !== undefined && body !== '') this.socket.write(body);
    this.socket.uncork();
  }

  /** Ends it before its end. Where a final status has arrived, what has come of the answer is kept. */
  stop(reason: Error): void {
    this.parser.cut(reason.message, reason);
  }

  onHead(head: AnswerHead): void {
    this.reusableMs = head.reusableMs;
    this.resolve(head);
  }

  onData(data: Buffer): void {
    if (!this.body.push(data)) this.socket.pause();
  }

  onEnd(problem?: string): void {
    const isIdle = problem === undefined && !this.parser.hasMore && this.socket.writableLength === 0;
    if (isIdle && this.reusableMs > 0) {
      this.detach();
      this.giveBack(this.reusableMs);
    } else {
      this.leave();
    }
    this.problem = problem;
    this.body.push(null);
  }

  onFailure(error: Error): void {
    this.leave();
    this.reject(error);
  }

  private readonly onBytes = (data: Buffer): void => this.parser.push(data);
  private readonly onEndOfBytes = (): void =>
    this.parser.end('The target closed the connection before its answer was complete.');
  private readonly onBreak = (error: Error): void =>
    this.parser.cut(`The connection broke before the answer was complete: ${error.message}.`, error);
  private readonly onClose = (): void => {
    const why = 'The connection was closed before the answer was complete.';
    this.parser.cut(why, Object.assign(new Error(why), { code: 'ECONNRESET' }));
  };

  private leave(): void {
    this.detach();
    this.socket.destroy();
  }

  private detach(): void {
    this.isOver = true;
    const { socket } = this;
    socket
      .off('data', this.onBytes)
      .off('end', this.onEndOfBytes)
      .off('error', this.onBreak)
      .off('close', this.onClose);
  }
}
