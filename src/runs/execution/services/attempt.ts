import { Abort } from '../../../kernel/abort.js';
import type { ClaimedRun } from '../../domain/claimed-run.js';
import type { LogLevel } from '../../domain/log-line.js';
import type { ExecutionTools } from '../interfaces/job-executor.js';
import type { RunLog, RunLogs } from './run-logs.js';

/** One attempt in this process, and what its handler may use. Times are monotonic, in ms. */
export class Attempt implements ExecutionTools {
  readonly abort = new Abort();
  /** Whether it holds one of the worker's places. */
  hasPlace = false;
  /** Whether its handler was called. */
  called = false;
  startedMs = 0;
  endedMs = 0;
  private lines: RunLog | undefined;

  /** @param licensedMs up to when its claim alone lets it begin */
  constructor(
    readonly run: ClaimedRun,
    readonly dueMs: number,
    readonly licensedMs: number,
    private readonly logs: Pick<RunLogs, 'open'>,
  ) {}

  log(message: string, level?: LogLevel): void {
    this.openLog.write(message, level);
  }

  progress(percent: number, note?: string): void {
    this.openLog.progress(percent, note);
  }

  /** Resolves when all that it wrote is stored, or could not be; undefined: it has written nothing. */
  written(): Promise<void> | undefined {
    return this.lines?.flush();
  }

  private get openLog(): RunLog {
    return (this.lines ??= this.logs.open(this.run));
  }
}
