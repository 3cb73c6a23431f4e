/**
 * Tells running work once that it must stop, and why. Does what an AbortController does, without the cost of its events: each
 * attempt creates one, and most attempts end without a listener.
 */
export class Abort {
  private why: string | undefined;
  private listeners: ((reason: string) => void)[] | undefined;

  get aborted(): boolean {
    return this.why !== undefined;
  }

  /** Undefined until `abort` is called. */
  get reason(): string | undefined {
    return this.why;
  }

  /** Keeps the first reason; a second call does nothing. */
  abort(reason: string): void {
    if (this.why !== undefined) return;
    this.why = reason;
    const listeners = this.listeners ?? [];
    this.listeners = undefined;
    for (const listener of listeners) listener(reason);
  }

  /** Calls the listener on `abort`; at once if `abort` was called before. */
  onAbort(listener: (reason: string) => void): void {
    if (this.why !== undefined) listener(this.why);
    else if (this.listeners) this.listeners.push(listener);
    else this.listeners = [listener];
  }

  offAbort(listener: (reason: string) => void): void {
    this.listeners = this.listeners?.filter((other) => other !== listener);
  }
}
