/** What pruning counts. Every method returns at once and never fails. */
export interface IRetentionMetrics {
  /** A step has ended. @param what name of what is pruned @param rows that are gone @param durationMs of the step */
  pruned(what: string, rows: number, durationMs: number): void;
}
export const IRetentionMetrics = Symbol('IRetentionMetrics');
