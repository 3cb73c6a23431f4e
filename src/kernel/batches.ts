/** Limits of {@link Batches}. */
export interface BatchLimits {
  /** Largest batch. */
  maxItems: number;
  /** Maximum number of batches that run at the same time. */
  maxInFlight: number;
  /**
   * Start a second batch only when the first has been running for this long, in ms. For work where one large batch costs less
   * than two small ones.
   */
  secondAfterMs?: number;
  /** Wait this long between two batches, in ms, unless the next one is full. For work whose result nobody waits for. */
  pauseMs?: number;
}

/**
 * Collects items that are added at about the same time and processes them in batches. Each batch takes all waiting items, up to
 * `maxItems`, and starts at once while fewer than `maxInFlight` batches run. This is group commit, for work where ten items cost
 * little more than one.
 */
export class Batches<Item> {
  private readonly waiting: Item[] = [];
  private inFlight = 0;
  /** Set while `secondAfterMs` of the newest batch has not passed: no batch starts. */
  private secondAfter: NodeJS.Timeout | undefined;
  /** Set during `pauseMs`: only a full batch starts. */
  private pause: NodeJS.Timeout | undefined;
  private pumping = false;

  /** @param take processes a batch; must not reject */
  constructor(
    private readonly limits: BatchLimits,
    private readonly take: (batch: Item[]) => Promise<void>,
  ) {}

  /** Returns at once. The batch starts at the end of this turn of the event loop, with all items added in this turn. */
  add(item: Item): void {
    this.waiting.push(item);
    if (this.pumping) return;
    this.pumping = true;
    setImmediate(() => {
      this.pumping = false;
      this.pump();
    });
  }

  private pump(): void {
    while (this.waiting.length > 0 && this.inFlight < this.limits.maxInFlight && !this.secondAfter) {
      if (this.pause && this.waiting.length < this.limits.maxItems) return;
      this.inFlight += 1;
      const secondAfter = this.blockSecond();
      this.startPause();
      void this.take(this.waiting.splice(0, this.limits.maxItems)).finally(() => {
        this.inFlight -= 1;
        this.permitSecond(secondAfter);
        this.pump();
      });
    }
  }

  private blockSecond(): NodeJS.Timeout | undefined {
    const { secondAfterMs } = this.limits;
    if (secondAfterMs === undefined) return undefined;
    const secondAfter = setTimeout(() => {
      this.permitSecond(secondAfter);
      this.pump();
    }, secondAfterMs);
    this.secondAfter = secondAfter;
    return secondAfter;
  }

  private startPause(): void {
    const { pauseMs } = this.limits;
    if (!pauseMs || this.pause) return;
    this.pause = setTimeout(() => {
      this.pause = undefined;
      this.pump();
    }, pauseMs);
  }

  private permitSecond(secondAfter: NodeJS.Timeout | undefined): void {
    clearTimeout(secondAfter);
    if (this.secondAfter === secondAfter) this.secondAfter = undefined;
  }
}
