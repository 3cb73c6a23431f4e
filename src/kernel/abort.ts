/**
 * Tells work in hand to stop, once, and why. What an AbortController does, without the cost of its events: one is made for
 * each attempt, and most end without anybody having listened.
 */
export class Abort {
  private why: string | undefined;
  private listeners: ((reason: string) => void)[] | undefined;

  get aborted(): boolean {
    return this.why !== undefined;
  }

  /** undefined until it is aborted. */
  get reason(): string | undefined {
    return this.why;
  }

  /** The first reason stays; aborting again does nothing. */
  abort(reason: string): void {
    if (this.why !== undefined) return;
    this.why = reason;
    const listeners = this.listeners ?? [];
    this.listeners = undefined;
    for (const listener of listeners) listener(reason);
  }

  /** Calls the listener when it is aborted; at once if it has been. */
  onAbort(listener: (reason: string) => void): void {
    if (this.why !== undefined) listener(this.why);
    else if (this.listeners) this.listeners.push(listener);
    else this.listeners = [listener];
  }

  /** The listener is called no more. */
  offAbort(listener: (reason: string) => void): void {
    this.listeners = this.listeners?.filter((other) => other !== listener);
  }
}
