import type { Abort } from '../../../kernel/abort.js';
import type { ClaimedRun, LostPolicy } from '../../domain/claimed-run.js';
import type { Outcome } from '../../domain/outcome.js';
import type { LogLevel } from '../../domain/log-line.js';

/** The tools of a handler. */
export interface ExecutionTools {
  /** Aborted on cancellation, on a lost lease, or when the worker stops; `reason` names which. */
  abort: Abort;
  /** Adds a line to the run's log. A line over `maxLineLength` is cut. Lines after the first `maxLinesPerAttempt` of an attempt are dropped, and one line says so. */
  log(message: string, level?: LogLevel): void;
  /** Records how far the work is. @param percent 0 to 100 */
  progress(percent: number, note?: string): void;
}

export interface IJobExecutor {
  /**
   * Runs the job's handler once. Never rejects and never throws: each result or error of the handler becomes an {@link Outcome}.
   * Resolves soon after `tools.abort` is aborted, even when the handler ignores its signal.
   */
  execute(run: ClaimedRun, tools: ExecutionTools): Promise<Outcome>;

  /** The policy for lost attempts of this handler; a job's own `onLost` comes first. */
  lostPolicy(handler: string): LostPolicy;
}
export const IJobExecutor = Symbol('IJobExecutor');
