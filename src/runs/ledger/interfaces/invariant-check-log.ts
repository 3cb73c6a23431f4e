/** What one daily audit of the books found. */
export interface InvariantCheckRecord {
  startedAt: Date;
  endedAt: Date;
  runs: number;
  executions: number;
  /** Rows that break an invariant. */
  violations: number;
}

/** Who audits when, and what came of it: shared by all processes. */
export interface IInvariantCheckLog {
  /** The database's clock. */
  now(): Promise<Date>;

  /**
   * Runs `work` unless another process does so at this moment.
   * @param work gets `mustBeAlone`, which throws once another process may have begun the same
   * @returns whether it ran
   */
  exclusively(work: (mustBeAlone: () => void) => Promise<void>): Promise<boolean>;

  last(): Promise<InvariantCheckRecord | null>;

  /** When the oldest run that is stored was created; null where there is none. */
  firstRunAt(): Promise<Date | null>;

  /** Notes an audit, and forgets those of more than a year ago. */
  record(audit: InvariantCheckRecord): Promise<void>;
}
export const IInvariantCheckLog = Symbol('IInvariantCheckLog');
