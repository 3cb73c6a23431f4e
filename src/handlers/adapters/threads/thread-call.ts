import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import type { ClaimedRun } from '../../../runs/domain/claimed-run.js';
import type { Outcome } from '../../../runs/domain/outcome.js';
import type { ExecutionTools } from '../../../runs/execution/interfaces/job-executor.js';
import { AttemptEndedError, endOf } from '../../domain/attempt-end.js';
import { errorText } from '../../domain/error-text.js';
import type { HandlerDeclaration } from '../../domain/job-handler.js';
import { AttemptJournal } from '../calls/attempt-journal.js';
import { windDownMs } from '../calls/handler-call.js';
import type { CallSurroundings } from '../calls/handler-call.js';
import type { HandlerThreads } from './handler-threads.js';
import type { FromThread, ToThread } from './thread-messages.js';

/** How long a thread may take, in ms, to start and to load the handler's module. */
const loadMs = 30_000;

/**
 * One call of a handler in a thread. It waits for a place, and its time limit counts from when the thread calls the handler.
 * When it is to stop, its signal aborts; a handler that goes on nevertheless loses its thread, and the place is free again
 * when the thread is gone.
 */
export class ThreadCall {
  private readonly journal: AttemptJournal;
  /** Ends the thread. */
  private readonly end = new AbortController();
  private readonly memoryLimitMb: number;
  private port: MessagePort | undefined;
  private stop: AttemptEndedError | undefined;
  private timer: NodeJS.Timeout | undefined;
  private hasBegun = false;
  private isPortClosed = false;
  private resolve!: (outcome: Outcome) => void;

  constructor(
    private readonly thread: NonNullable<HandlerDeclaration['thread']>,
    private readonly run: ClaimedRun,
    private readonly tools: ExecutionTools,
    private readonly timeoutMs: number,
    private readonly around: Pick<CallSurroundings, 'metrics' | 'resultLimitBytes'>,
    private readonly threads: Pick<HandlerThreads, 'places' | 'memoryLimitMb' | 'run'>,
  ) {
    this.journal = new AttemptJournal(tools);
    this.memoryLimitMb = threads.memoryLimitMb(thread.memoryLimitMb);
  }

  /** Never rejects. */
  begin(): Promise<Outcome> {
    return new Promise((resolve) => {
      this.resolve = resolve;
      this.tools.abort.onAbort(this.onAbort);
      this.threads.places.ask(this.enter);
    });
  }

  private readonly enter = (): void => {
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    port1.on('message', this.read);
    port1.on('close', this.onClose);
    this.timer = setTimeout(() => this.endThread(this.loadedTooLate()), loadMs);
    const { run, timeoutMs, around } = this;
    const task = { module: this.thread.module, run, timeoutMs, resultLimitBytes: around.resultLimitBytes, port: port2 };
    this.threads.run(task, this.memoryLimitMb, this.end.signal).then(
      (outcome) => this.leave(outcome),
      (error: unknown) => this.leave(this.broken(error)),
    );
  };

  private readonly read = (message: FromThread): void => {
    if (message.kind === 'log') this.journal.log(message.line, message.level);
    else if (message.kind === 'progress') this.journal.progress(message.percent, message.note);
    else {
      this.hasBegun = true;
      if (this.stop) return;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.stopFor(new AttemptEndedError('timed_out', this.timeoutMs)), this.timeoutMs);
    }
  };

  private readonly onAbort = (reason: unknown): void =>
    this.stopFor(new AttemptEndedError(endOf(reason), this.timeoutMs));

  private stopFor(why: AttemptEndedError): void {
    if (this.stop) return;
    this.stop = why;
    clearTimeout(this.timer);
    if (this.threads.places.withdraw(this.enter)) {
      this.settle(why.toOutcome());
      return;
    }
    this.timer = setTimeout(() => this.endThread(why.toOutcome()), windDownMs);
    this.port?.postMessage(why.end satisfies ToThread);
  }

  /** The attempt ends now; the place is given up when the thread is really gone, which its end of the port tells. */
  private endThread(outcome: Outcome): void {
    this.readAll();
    if (this.hasBegun) {
      this.journal.write('The handler ignored its abort signal; its thread was ended.', 'warn');
      this.around.metrics.abandoned();
    }
    this.end.abort();
    if (this.isPortClosed) this.gone();
    // A thread that has not called the handler may not even have been handed the port.
    else if (!this.hasBegun) this.port?.close();
    this.settle(outcome);
  }

  private readonly onClose = (): void => {
    this.isPortClosed = true;
    if (this.end.signal.aborted) this.gone();
  };

  private gone(): void {
    if (this.hasBegun) this.around.metrics.abandonedEnded();
    this.threads.places.leave();
  }

  /** The thread has answered, or has ended by itself. */
  private leave(outcome: Outcome): void {
    if (this.end.signal.aborted) return;
    this.readAll();
    this.port?.close();
    this.threads.places.leave();
    this.settle(this.stop ? this.stop.toOutcome() : outcome);
  }

  private settle(outcome: Outcome): void {
    clearTimeout(this.timer);
    this.tools.abort.offAbort(this.onAbort);
    this.journal.close();
    this.resolve(outcome);
  }

  /** What the thread told before it answered or ended may not have been delivered yet. */
  private readAll(): void {
    for (let next; this.port && (next = receiveMessageOnPort(this.port));) this.read(next.message as FromThread);
  }

  private broken(error: unknown): Outcome {
    const text = isOutOfMemory(error)
      ? `The handler needed more memory than its limit of ${this.memoryLimitMb} MB; its thread was ended.`
      : `The handler's thread ended before it answered: ${errorText(error, this.around.resultLimitBytes)}`;
    return { kind: 'failed', retryable: true, error: text };
  }

  private loadedTooLate(): Outcome {
    const error = `The handler's module was not loaded within ${loadMs} ms; its thread was ended.`;
    return { kind: 'failed', retryable: true, error };
  }
}

const isOutOfMemory = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
