import { newId } from '../../../src/kernel/ids.js';
import { listed, listedTextBytes } from '../../../src/kernel/listed.js';
import { pageOf } from '../../../src/kernel/page.js';
import type { Page, PageRequest } from '../../../src/kernel/page.js';
import type { ListedLogLine, LogLine, NewLogLine } from '../../../src/runs/domain/log-line.js';
import type { IJobLogReader, IJobLogger } from '../../../src/runs/interfaces/job-logger.js';
import type { InMemoryDatabase, Tables } from './database.js';
import { attemptsOf } from './executions.js';

const levels: Record<string, LogLine['level']> = { succeeded: 'info', cancelled: 'warn', released: 'warn' };

export class InMemoryJobLogger implements IJobLogger, IJobLogReader {
  constructor(private readonly database: InMemoryDatabase) {}

  append(lines: NewLogLine[]): Promise<void> {
    return this.database.change((tables) => {
      for (const line of lines) {
        const id = newId();
        if (tables.runs.has(line.runId)) tables.lines.set(id, { ...line, id, timestamp: this.database.clock.now() });
      }
    });
  }

  read(of: { jobId: string } | { runId: string }, page: PageRequest): Promise<Page<ListedLogLine>> {
    return this.database.read((tables) => {
      const written = [...tables.lines.values()].filter((line) =>
        'jobId' in of ? line.jobId === of.jobId : line.runId === of.runId,
      );
      const lines = [...written, ...attemptLines(tables, of)].sort(
        (a, b) => a.timestamp.getTime() - b.timestamp.getTime() || (a.id < b.id ? -1 : 1),
      );
      const first = (page.page - 1) * page.limit;
      const rows = lines
        .slice(first, first + page.limit)
        .map((line) => listed(line, { texts: ['message', 'error'] }, listedTextBytes(page.limit)));
      return pageOf(rows, lines.length, page);
    });
  }
}

/** The start and the end of each attempt, which are told by its execution. */
const attemptLines = (tables: Tables, of: { jobId: string } | { runId: string }): LogLine[] =>
  attemptsOf(tables, of).flatMap((attempt) => {
    const { id, runId, jobId, startedAt, completedAt, status, attemptNumber } = attempt;
    const start: LogLine = {
      ...{ id: `${id}-start`, runId, jobId, timestamp: startedAt, level: 'info', status: 'running', error: null },
      message: `Attempt ${attemptNumber} started on ${attempt.workerId ?? ''}`,
    };
    if (!completedAt) return [start];
    const tookMs = completedAt.getTime() - startedAt.getTime();
    const end: LogLine = {
      ...{ id: `${id}-end`, runId, jobId, timestamp: completedAt, level: levels[status] ?? 'error', status },
      message: `Attempt ${attemptNumber} ${status.replaceAll('_', ' ')} after ${tookMs} ms`,
      error: attempt.errorMessage,
    };
    return [start, end];
  });
