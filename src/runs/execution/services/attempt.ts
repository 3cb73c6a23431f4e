import { Abort } from '../../../kernel/abort.js';
import type { ClaimedRun } from '../../domain/claimed-run.js';
import type { LogLevel } from '../../domain/log-line.js';
import type { ExecutionTools } from '../interfaces/job-executor.js';
import type { RunLog, RunLogs } from './run-logs.js';

/** One attempt in this process, with the tools of its handler. Times are monotonic, in ms. */
export class Attempt implements ExecutionTools {
  readonly abort = new Abort();
  /** Whether it has one of the worker's handler slots. */
  hasSlot = false;
  /** Whether its handler was called. */
  called = false;
  startedMs = 0;
  endedMs = 0;
  private lines: RunLog | undefined;

  /** @param confirmAfterMs a start later than this must be confirmed by PostgreSQL first */
  constructor(
    readonly run: ClaimedRun,
    readonly dueMs: number,
    readonly confirmAfterMs: number,
    private readonly logs: Pick<RunLogs, 'open'>,
  ) {}

  log(message: string, level?: LogLevel): void {
    this.openLog.write(message, level);
  }

  progress(percent: number, note?: string): void {
    this.openLog.progress(percent, note);
  }

  /** Resolves when its log lines are stored, or could not be; undefined: it has written none. */
  written(): Promise<void> | undefined {
    return this.lines?.flush();
  }

  private get openLog(): RunLog {
    return (this.lines ??= this.logs.open(this.run));
  }
}
