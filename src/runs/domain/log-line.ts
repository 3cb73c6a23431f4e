import type { Listed } from '../../kernel/listed.js';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/** One line of a run's log. */
export interface LogLine {
  id: string;
  runId: string;
  jobId: string;
  timestamp: Date;
  level: LogLevel;
  /** What the run was doing: an execution's status, or `progress`. */
  status: string;
  message: string;
  error: string | null;
}

export type NewLogLine = Omit<LogLine, 'id' | 'timestamp'>;

/** A line in a list: its texts are cut where they are too long. A smaller page shows more of them. */
export type ListedLogLine = Listed<LogLine>;
