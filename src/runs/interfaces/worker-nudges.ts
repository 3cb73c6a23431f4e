/**
 * A word to all workers at once: look at what you hold, something about it has changed. It carries nothing; what has
 * changed is read from PostgreSQL. A lost call costs time only: workers look by themselves every second.
 */
export interface IWorkerNudges {
  /** Returns at once and never fails. */
  nudge(): void;
  /** From now on, `look` is called whenever somebody calls. */
  onNudge(listener: () => void): void;
}
export const IWorkerNudges = Symbol('IWorkerNudges');
