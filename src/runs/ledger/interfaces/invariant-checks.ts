/** Rows that break one invariant. */
export interface BrokenInvariant {
  /** One stable word, such as `started_before_due`. */
  check: string;
  /** What always holds, in a sentence. */
  invariant: string;
  /** How many rows break it. */
  count: number;
  /** The first of them: a run's or job's id, and what is wrong. */
  offenders: { id: string; detail: string }[];
}

export interface Audit {
  /** Runs looked at. */
  runs: number;
  executions: number;
  findings: BrokenInvariant[];
}

/** Holds stored runs against what must be true of all of them. Reads only. */
export interface IInvariantChecks {
  /**
   * Checks the runs and jobs created from `from` (inclusive) to `to` (exclusive).
   * @param leaseGraceMs an expired lease is an offence only this many ms later: recovery takes its time
   * @param limit most offenders named for each check
   */
  audit(from: Date, to: Date, leaseGraceMs: number, limit: number): Promise<Audit>;

  /**
   * Checks, slice by slice, the runs and jobs created from `from` to `to`, by the times in their ids, and the runs that
   * ended in that time more than a day after they were created.
   * @param rows that a slice covers at most
   */
  inSlices(from: Date, to: Date, leaseGraceMs: number, limit: number, rows: number): AsyncIterable<Audit>;
}
export const IInvariantChecks = Symbol('IInvariantChecks');
