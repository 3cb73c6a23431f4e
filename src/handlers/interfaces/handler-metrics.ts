/** What is counted of handlers. Every method returns at once and never fails. */
export interface IHandlerMetrics {
  /** A handler is about to start. @param waitedMs from when its run was due until a worker had claimed it; 0 or less when it was claimed ahead */
  called(waitedMs: number): void;
  /** A handler ignored its signal: its attempt has ended without it, and it is still at work. */
  abandoned(): void;
  /** An abandoned handler has ended. */
  abandonedEnded(): void;
}
export const IHandlerMetrics = Symbol('IHandlerMetrics');
