import type { LogLevel } from '../../../runs/domain/log-line.js';
import type { ExecutionTools } from '../../../runs/execution/interfaces/job-executor.js';
import { lineText } from '../../domain/error-text.js';

const maxLines = 1_000;
const maxLineBytes = 8_192;
const levels: ReadonlySet<unknown> = new Set<LogLevel>(['debug', 'info', 'warn', 'error']);

/** What a handler may write about one attempt: bounded, and closed when the attempt has its outcome. Never throws. */
export class AttemptJournal {
  private lines = 0;
  private steps = 0;
  private lastStep = '';
  private open = true;

  constructor(private readonly tools: Pick<ExecutionTools, 'log' | 'progress'>) {}

  log(message: unknown, level: LogLevel = 'info'): void {
    if (!this.open || this.lines > maxLines) return;
    this.lines += 1;
    if (this.lines > maxLines)
      this.write(`More than ${maxLines} lines: the rest of this attempt's are dropped.`, 'warn');
    else this.write(lineText(message, maxLineBytes), levels.has(level) ? level : 'info');
  }

  /** Repetitions are dropped, so that a loop may report each of its rounds. */
  progress(percent: number, note?: string): void {
    const bounded = Math.round(Math.min(100, Math.max(0, Number(percent) || 0)));
    const text = note === undefined ? undefined : lineText(note, maxLineBytes);
    const step = `${bounded} ${text ?? ''}`;
    if (!this.open || step === this.lastStep || this.steps >= maxLines) return;
    this.lastStep = step;
    this.steps += 1;
    quietly(() => this.tools.progress(bounded, text));
  }

  /** A line of the executor's own: written also when the attempt is over or its handler has used up its lines. */
  write(line: string, level: LogLevel): void {
    quietly(() => this.tools.log(line, level));
  }

  close(): void {
    this.open = false;
  }
}

function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // The journal must not change an attempt's outcome.
  }
}
