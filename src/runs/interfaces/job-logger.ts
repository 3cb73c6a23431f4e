import type { Page, PageRequest } from '../../kernel/page.js';
import type { ListedLogLine, NewLogLine } from '../domain/log-line.js';

export interface IJobLogger {
  /**
   * Appends lines to their runs' logs, in the order given, stamped by the database's clock.
   * Resolves when they are committed. Lines of a run that has been deleted meanwhile are dropped.
   */
  append(lines: NewLogLine[]): Promise<void>;
}
export const IJobLogger = Symbol('IJobLogger');

/** Reading is a port of its own: handlers and workers only ever append. */
export interface IJobLogReader {
  /** The log of a job or of one run, oldest first: what handlers wrote, and each attempt's start and end. */
  read(of: { jobId: string } | { runId: string }, page: PageRequest): Promise<Page<ListedLogLine>>;
}
export const IJobLogReader = Symbol('IJobLogReader');
