import type { JsonValue } from '../../kernel/json.js';
import type { Listed } from '../../kernel/listed.js';

/** How an attempt ended. `lost`: its worker died or slept past its lease. `released`: handed back unfinished, not counted. */
export const executionStatuses = [
  'running',
  'succeeded',
  'failed',
  'timed_out',
  'cancelled',
  'lost',
  'released',
] as const;
export type ExecutionStatus = (typeof executionStatuses)[number];

/** One attempt of a run. */
export interface Execution {
  id: string;
  runId: string;
  jobId: string;
  /** Counts from 1 within the run; a released attempt's number is used again. */
  attemptNumber: number;
  status: ExecutionStatus;
  /** When this attempt was due. */
  dueAt: Date;
  /** On the database's clock, as all times of a run. */
  startedAt: Date;
  completedAt: Date | null;
  errorMessage: string | null;
  result: JsonValue;
  workerId: string | null;
  leaseToken: string;
}

/** An attempt in a list: its result is null where it is too large, its error cut where it is too long. */
export type ListedExecution = Listed<Execution>;
