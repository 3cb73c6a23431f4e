/** What waits in PostgreSQL, the same whichever process is asked. */
export interface Backlog {
  /** Runs that are due and have not started. */
  overdue: number;
  /** Age of the oldest of them in seconds; 0 when there is none. */
  oldestOverdueSeconds: number;
  running: number;
  /** How far the planning of the most backward recurring job lies behind, in seconds. */
  plannerLagSeconds: number;
  /** Nominal times that the last audit of all ledgers found without a row. */
  missingTimes: number;
  /** Rows that break an invariant, as the last audit of the books found. */
  violations: number;
}

export interface IBacklog {
  /** @param nowMs monotonic time; an answer may be up to two seconds old */
  read(nowMs: number): Promise<Backlog>;
}
export const IBacklog = Symbol('IBacklog');
