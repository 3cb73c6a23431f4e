import { Inject, Injectable, Logger } from '@nestjs/common';
import type { ClaimedRun } from '../../domain/claimed-run.js';
import type { LogLevel, NewLogLine } from '../../domain/log-line.js';
import { IJobLogger } from '../../interfaces/job-logger.js';

export const maxLinesPerAttempt = 1_000;
export const maxLineLength = 4_000;
const flushDelayMs = 200;
const maxBatch = 1_000;

/** The log of a run, as one attempt writes to it. */
export interface RunLog {
  write(message: string, level?: LogLevel): void;
  progress(percent: number, note?: string): void;
  /** Whether the attempt has written a line. */
  readonly isWritten: boolean;
  /** Resolves when all lines so far are stored, or could not be. Never rejects. */
  flush(): Promise<void>;
}

/** Collects the lines of all attempts of this process and stores them in batches: a commit for each line would cost too much. */
@Injectable()
export class RunLogs {
  private readonly logger = new Logger(RunLogs.name);
  private readonly pending: NewLogLine[] = [];
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(@Inject(IJobLogger) private readonly jobLogger: IJobLogger) {}

  open(run: Pick<ClaimedRun, 'runId' | 'jobId'>): RunLog {
    return new AttemptLog(run, this);
  }

  /** Stores one line about a run at once. */
  async note(run: Pick<ClaimedRun, 'runId' | 'jobId'>, message: string): Promise<void> {
    this.add({
      runId: run.runId,
      jobId: run.jobId,
      level: 'warn',
      status: 'late',
      message: storable(message),
      error: null,
    });
    await this.flush();
  }

  /** Stores the line within `flushDelayMs`, or sooner with a full batch. */
  add(line: NewLogLine): void {
    this.pending.push(line);
    if (this.pending.length >= maxBatch) void this.flush();
    else this.timer ??= setTimeout(() => void this.flush(), flushDelayMs);
  }

  /** Resolves when all lines so far are stored, or could not be. Never rejects. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.writing = this.writing.then(async () => {
      const batch = this.pending.splice(0, maxBatch);
      if (batch.length === 0) return;
      try {
        await this.jobLogger.append(batch);
      } catch (error) {
        this.logger.warn(`Lost ${batch.length} log lines: ${String(error)}`);
      }
    });
    return this.writing;
  }
}

class AttemptLog implements RunLog {
  private lines = 0;

  constructor(
    private readonly run: Pick<ClaimedRun, 'runId' | 'jobId'>,
    private readonly logs: RunLogs,
  ) {}

  get isWritten(): boolean {
    return this.lines > 0;
  }

  write(message: string, level: LogLevel = 'info', status = 'running'): void {
    this.lines += 1;
    if (this.lines > maxLinesPerAttempt + 1) return;
    const dropped = this.lines === maxLinesPerAttempt + 1;
    this.logs.add({
      runId: this.run.runId,
      jobId: this.run.jobId,
      level: dropped ? 'warn' : level,
      status,
      message: dropped ? `Further lines are dropped: an attempt keeps ${maxLinesPerAttempt}` : storable(message),
      error: null,
    });
  }

  progress(percent: number, note?: string): void {
    this.write(`${Math.min(Math.max(percent, 0), 100)} %${note ? ` ${note}` : ''}`, 'info', 'progress');
  }

  flush(): Promise<void> {
    return this.isWritten ? this.logs.flush() : Promise.resolve();
  }
}

/** PostgreSQL's `text` cannot store NUL, and the driver would change a lone surrogate. */
const storable = (message: unknown): string => {
  const clean = String(message).replaceAll('\0', '\uFFFD').toWellFormed();
  return clean.length > maxLineLength ? `${clean.slice(0, maxLineLength)}… (cut)` : clean;
};
