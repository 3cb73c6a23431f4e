/** A recurring job whose ledger is to be audited. */
export interface CheckedJob {
  id: string;
  userId: string;
  name: string;
}

/** What one audit of all jobs' ledgers found. */
export interface LedgerCheck {
  startedAt: Date;
  endedAt: Date;
  jobs: number;
  /** Nominal times looked at. */
  expected: number;
  /** Nominal times without a row. */
  missing: number;
}

export interface OverdueJob {
  id: string;
  name: string;
  nextRunAt: Date;
}

/** What the duties that watch over all jobs need. No user asks for these. */
export interface ILedgerChecks {
  /** The database's clock. */
  now(): Promise<Date>;

  /**
   * Runs `work` unless another process does so at this moment.
   * @param work gets `mustBeAlone`, which throws once another process may have begun the same
   * @returns whether it ran
   */
  exclusively(work: (mustBeAlone: () => void) => Promise<void>): Promise<boolean>;

  /** Up to `limit` recurring jobs with an id above `after` that are unfinished or have changed since, by id. */
  jobsAfter(after: string | null, changedSince: Date, limit: number): Promise<CheckedJob[]>;

  last(): Promise<LedgerCheck | null>;
  record(audit: LedgerCheck): Promise<void>;

  /** Forgets audits older than `ageMs`, but never the last one. @returns how many */
  prune(ageMs: number): Promise<number>;

  /** Pending jobs whose next nominal time passed more than `byMs` ago without being planned: how many, and the first of them. */
  overdue(byMs: number, limit: number): Promise<{ total: number; jobs: OverdueJob[] }>;
}
export const ILedgerChecks = Symbol('ILedgerChecks');
