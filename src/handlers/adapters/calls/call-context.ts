import type { ClaimedRun } from '../../../runs/domain/claimed-run.js';
import type { HandlerContext } from '../../domain/job-handler.js';
import type { AttemptJournal } from './attempt-journal.js';

/** What a handler is given of its attempt. */
export class CallContext implements HandlerContext<never> {
  readonly runId: string;
  readonly jobId: string;
  readonly jobName: string;
  readonly userId: string;
  readonly attempt: number;
  readonly nominalAt: Date;
  readonly dueAt: Date;
  readonly leaseToken: string;
  readonly timeLimitMs: number;
  readonly #call: { readonly signal: AbortSignal };
  readonly #journal: AttemptJournal;

  constructor(
    run: ClaimedRun,
    readonly payload: never,
    call: { readonly signal: AbortSignal; readonly timeoutMs: number },
    journal: AttemptJournal,
  ) {
    this.runId = run.runId;
    this.jobId = run.jobId;
    this.jobName = run.jobName;
    this.userId = run.userId;
    this.attempt = run.attempt;
    this.nominalAt = run.nominalAt;
    this.dueAt = run.dueAt;
    this.leaseToken = run.leaseToken;
    this.timeLimitMs = call.timeoutMs;
    this.#call = call;
    this.#journal = journal;
  }

  get log(): HandlerContext['log'] {
    return (message, level) => this.#journal.log(message, level);
  }

  get progress(): HandlerContext['progress'] {
    return (percent, note) => this.#journal.progress(percent, note);
  }

  get signal(): AbortSignal {
    return this.#call.signal;
  }
}
