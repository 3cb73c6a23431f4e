import type { Abort } from '../../../kernel/abort.js';
import type { ClaimedRun, LostPolicy } from '../../domain/claimed-run.js';
import type { Outcome } from '../../domain/outcome.js';
import type { LogLevel } from '../../domain/log-line.js';

/** What a handler may use while it works. */
export interface ExecutionTools {
  /** Aborted on cancellation, a lost lease, or when the worker stops; its `reason` says which. */
  abort: Abort;
  /** Adds a line to the run's log. Long lines are cut; more than 1,000 an attempt are dropped with one line that says so. */
  log(message: string, level?: LogLevel): void;
  /** Records how far the work is. @param percent 0 to 100 */
  progress(percent: number, note?: string): void;
}

export interface IJobExecutor {
  /**
   * Runs the job's handler once. Never rejects and never throws: whatever the handler does becomes an {@link Outcome}.
   * Resolves soon after `tools.abort` is aborted, also when the handler ignores its signal.
   */
  execute(run: ClaimedRun, tools: ExecutionTools): Promise<Outcome>;

  /** What a lost attempt of this handler means when the job does not say. */
  lostPolicy(handler: string): LostPolicy;
}
export const IJobExecutor = Symbol('IJobExecutor');
