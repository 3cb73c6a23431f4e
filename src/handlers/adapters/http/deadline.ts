/** Ends when its parent signal aborts or when time is up, whichever is first. Timers here are monotonic. */
export class Deadline<Reason extends Error = Error> {
  /** Resolves with the reason when it ends; never, once it was disposed of. */
  readonly passed: Promise<Reason>;
  /** Why it ended; undefined while there is time. */
  reason: Reason | undefined;

  private readonly timer: NodeJS.Timeout;
  private readonly onParent: () => void;
  private controller: AbortController | undefined;
  private resolve!: (reason: Reason) => void;

  /**
   * @param ms at most 2^31 - 1
   * @param reasons what the signal is aborted with: `late` when time is up, `from` given the parent's reason
   */
  constructor(
    private readonly parent: AbortSignal,
    ms: number,
    reasons: { late: () => Reason; from: (reason: unknown) => Reason },
  ) {
    this.passed = new Promise((resolve) => (this.resolve = resolve));
    this.onParent = () => this.end(reasons.from(parent.reason));
    this.timer = setTimeout(() => this.end(reasons.late()), ms);
    if (parent.aborted) this.onParent();
    else parent.addEventListener('abort', this.onParent, { once: true });
  }

  /** Aborts when the deadline passes. Made when first asked for: a signal costs more than all the rest of a short attempt. */
  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      if (this.reason) this.controller.abort(this.reason);
    }
    return this.controller.signal;
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.parent.removeEventListener('abort', this.onParent);
  }

  private end(reason: Reason): void {
    if (this.reason) return;
    this.reason = reason;
    this.controller?.abort(reason);
    this.resolve(reason);
  }
}
