import type { JobPlan, LedgerRow } from '../domain/ledger.js';
import type { Run } from '../../domain/run.js';

/** What ledgers, explanations and forecasts read. Nothing is locked: a reader never holds up a start. */
export interface IRunLedger {
  /** How far the job has been planned; null when there is none. */
  plan(jobId: string): Promise<JobPlan | null>;

  /** The scheduled rows that account for a time in `[from, to)`, by nominal time. */
  rows(jobId: string, from: Date, to: Date): Promise<LedgerRow[]>;

  /** The run that accounts for a nominal time: one scheduled for it, else a range over it, else a manual or backfilled one. */
  runAt(jobId: string, nominalAt: Date): Promise<Run | null>;

  /** The job's oldest run that waits or runs; null when there is none. */
  firstLive(jobId: string): Promise<Run | null>;

  /** Median duration in ms of the job's last twenty executions that succeeded; null without any. */
  usualDurationMs(jobId: string): Promise<number | null>;
}
export const IRunLedger = Symbol('IRunLedger');
