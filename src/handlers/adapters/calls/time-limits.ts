interface Limited {
  /** Begins to count; a call that has ended ignores it. */
  startTimer(): void;
}

/**
 * Starts the timers of calls at the end of the turn of the event loop in which they began. No timer could fire before, and a
 * handler that answers within the turn never needs one: making timers and clearing them costs more than such a call.
 */
export class TimeLimits {
  private begun: Limited[] = [];

  watch(call: Limited): void {
    if (this.begun.length === 0) setImmediate(() => this.start());
    this.begun.push(call);
  }

  private start(): void {
    const { begun } = this;
    this.begun = [];
    for (const call of begun) call.startTimer();
  }
}
