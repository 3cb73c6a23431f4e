import type { StoredJobStatus } from '../../jobs/domain/job-status.js';
import type { RunState } from '../../runs/domain/run-state.js';

/** The whole installation at a glance. */
export interface WorkStatistics {
  /** How many jobs are in each status; `running` ones count as pending. */
  jobs: Record<StoredJobStatus, number>;
  /** How many runs whose nominal time lay in the last 24 hours are in each state. */
  runs: Record<RunState, number>;
  /** When the run was due that has waited longest to start; null when none waits. */
  oldestOverdueAt: Date | null;
  /** For how long, in ms; null when none waits. */
  overdueMs: number | null;
}

export interface IStatistics {
  read(): Promise<WorkStatistics>;
}
export const IStatistics = Symbol('IStatistics');
