import type { Logger } from '@nestjs/common';
import type { IClock } from '../../../kernel/clock.js';
import type { ClaimedRun } from '../../../runs/domain/claimed-run.js';
import type { Outcome } from '../../../runs/domain/outcome.js';
import type { ExecutionTools } from '../../../runs/execution/interfaces/job-executor.js';
import { AttemptEndedError, endOf } from '../../domain/attempt-end.js';
import type { RegisteredHandler } from '../../domain/handler-registry.js';
import type { IHandlerMetrics } from '../../interfaces/handler-metrics.js';
import { AttemptJournal } from './attempt-journal.js';
import { answerOf } from './handler-answer.js';
import type { TimeLimits } from './time-limits.js';

/** How long a handler may wind down, in ms, after its signal aborted. Then its attempt ends without it. */
export const windDownMs = 250;

/** What all calls of a process share. */
export interface CallSurroundings {
  clock: IClock;
  metrics: IHandlerMetrics;
  logger: Logger;
  limits: TimeLimits;
  /** Bytes of a result or an error that are kept. */
  resultLimitBytes: number;
}

/**
 * One call of a handler. Ends with the handler's answer, or soon after its time is up or it was told to stop: then that decides
 * what came of it, whatever the handler says.
 */
export class HandlerCall {
  private readonly journal: AttemptJournal;
  private controller: AbortController | undefined;
  private stop: { why: AttemptEndedError; atMs: number } | undefined;
  private timer: NodeJS.Timeout | undefined;
  private hasEnded = false;
  private resolve!: (outcome: Outcome) => void;

  constructor(
    private readonly handler: RegisteredHandler,
    private readonly run: ClaimedRun,
    private readonly tools: ExecutionTools,
    readonly timeoutMs: number,
    private readonly around: CallSurroundings,
  ) {
    this.journal = new AttemptJournal(tools);
  }

  /** Never rejects. */
  begin(): Promise<Outcome> {
    return new Promise((resolve) => {
      this.resolve = resolve;
      this.tools.abort.onAbort(this.onAbort);
      this.around.limits.watch(this);
      const { handler, run, journal, around } = this;
      void answerOf(handler, run, this, journal, around.resultLimitBytes).then((outcome) => this.answered(outcome));
    });
  }

  /** Aborts when the call is to stop. Made when first asked for: a signal costs more than all the rest of a short call. */
  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      if (this.stop) this.controller.abort(this.stop.why);
    }
    return this.controller.signal;
  }

  startTimer(): void {
    if (this.hasEnded || this.stop) return;
    this.timer = setTimeout(() => this.stopFor(new AttemptEndedError('timed_out', this.timeoutMs)), this.timeoutMs);
  }

  private readonly onAbort = (reason: unknown): void =>
    this.stopFor(new AttemptEndedError(endOf(reason), this.timeoutMs));

  private stopFor(why: AttemptEndedError): void {
    if (this.stop) return;
    this.stop = { why, atMs: this.around.clock.monotonicMs() };
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.abandon(why), windDownMs);
    this.controller?.abort(why);
  }

  private abandon(why: AttemptEndedError): void {
    this.journal.write('The handler ignored its abort signal; the attempt ended without it.', 'warn');
    this.around.metrics.abandoned();
    this.end(why.toOutcome());
  }

  private answered(outcome: Outcome): void {
    if (this.hasEnded) this.noteLateAnswer(outcome);
    else this.end(this.stop ? this.stop.why.toOutcome() : outcome);
  }

  private end(outcome: Outcome): void {
    this.hasEnded = true;
    clearTimeout(this.timer);
    this.tools.abort.offAbort(this.onAbort);
    this.journal.close();
    this.resolve(outcome);
  }

  private noteLateAnswer(late: Outcome): void {
    const { metrics, clock, logger } = this.around;
    metrics.abandonedEnded();
    const afterMs = clock.monotonicMs() - (this.stop?.atMs ?? 0);
    const line = `The handler answered ${Math.round(afterMs)} ms after its attempt was stopped (${late.kind}); the answer was ignored.`;
    this.journal.write(line, 'warn');
    logger.warn(`Run ${this.run.runId}, attempt ${this.run.attempt}, handler ${this.run.handler}: ${line}`);
  }
}
