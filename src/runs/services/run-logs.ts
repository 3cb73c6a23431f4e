import { Inject, Injectable, Logger } from '@nestjs/common';
import type { ClaimedRun } from '../domain/claimed-run.js';
import type { LogLevel, NewLogLine } from '../domain/log-line.js';
import { IJobLogger } from '../interfaces/job-logger.js';

export const maxLinesPerAttempt = 1_000;
export const maxLineLength = 4_000;
const flushDelayMs = 200;
const maxBatch = 1_000;

/** What one attempt writes to its run's log. */
export interface RunLog {
  write(message: string, level?: LogLevel): void;
  progress(percent: number, note?: string): void;
  /** Resolves when everything written so far is stored, or could not be. Never rejects. */
  flush(): Promise<void>;
}

/** Collects the lines of all attempts of this process and stores them in batches: a chatty handler must not cost a commit a line. */
@Injectable()
export class RunLogs {
  private readonly logger = new Logger(RunLogs.name);
  private readonly pending: NewLogLine[] = [];
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(@Inject(IJobLogger) private readonly jobLogger: IJobLogger) {}

  open(run: Pick<ClaimedRun, 'runId' | 'jobId'>): RunLog {
    let lines = 0;
    const write = (message: string, level: LogLevel = 'info', status = 'running'): void => {
      lines += 1;
      if (lines > maxLinesPerAttempt + 1) return;
      const dropped = lines === maxLinesPerAttempt + 1;
      this.add({
        runId: run.runId,
        jobId: run.jobId,
        level: dropped ? 'warn' : level,
        status,
        message: dropped ? `Further lines are dropped: an attempt keeps ${maxLinesPerAttempt}` : storable(message),
        error: null,
      });
    };
    return {
      write,
      progress: (percent, note) =>
        write(`${Math.min(Math.max(percent, 0), 100)} %${note ? ` ${note}` : ''}`, 'info', 'progress'),
      flush: () => (lines > 0 ? this.flush() : Promise.resolve()),
    };
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

  private add(line: NewLogLine): void {
    this.pending.push(line);
    if (this.pending.length >= maxBatch) void this.flush();
    else this.timer ??= setTimeout(() => void this.flush(), flushDelayMs);
  }

  private flush(): Promise<void> {
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

/** PostgreSQL's text takes no NUL; a lone surrogate would be changed on the way. */
const storable = (message: unknown): string => {
  const clean = String(message).replaceAll('\0', '\uFFFD').toWellFormed();
  return clean.length > maxLineLength ? `${clean.slice(0, maxLineLength)}… (cut)` : clean;
};
