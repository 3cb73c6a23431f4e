/**
 * A word to all workers at once: look at what you hold, something about it has changed. It carries nothing; what has
 * changed is read from PostgreSQL. A lost call costs time only: workers look by themselves every second.
 */
export interface IWorkerCalls {
  /** Returns at once and never fails. */
  call(): void;
  /** From now on, `look` is called whenever somebody calls. */
  answer(look: () => void): void;
}
export const IWorkerCalls = Symbol('IWorkerCalls');
