/** A bounded number of places, handed out in the order in which they were asked for. */
export class ThreadSlots {
  private taken = 0;
  private readonly waiting = new Set<() => void>();

  constructor(private readonly count: number) {}

  /** Calls `enter` once when a place is free, at once if one is. Who has entered must {@link leave} once. */
  ask(enter: () => void): void {
    if (this.taken >= this.count) {
      this.waiting.add(enter);
      return;
    }
    this.taken += 1;
    enter();
  }

  /** @returns whether it was still waiting; then it will not be called any more */
  withdraw(enter: () => void): boolean {
    return this.waiting.delete(enter);
  }

  /** Hands the place to the one who has waited longest. */
  leave(): void {
    const [next] = this.waiting;
    if (!next) {
      this.taken -= 1;
      return;
    }
    this.waiting.delete(next);
    next();
  }
}
