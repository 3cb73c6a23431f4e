/**
 * Gathers what comes at the same moment and takes it on in batches: whatever is in hand goes into one, a few are under way
 * at a time, and nothing waits while one is free. Group commit, for work of which ten cost little more than one.
 */
export class Batches<Item> {
  private readonly waiting: Item[] = [];
  private underWay = 0;
  /** Until when none leaves beside the one that left last. */
  private patience: NodeJS.Timeout | undefined;
  /** Until when none leaves that is not full. */
  private rest: NodeJS.Timeout | undefined;
  private pumping = false;

  /**
   * @param most items in a batch, and batches under way. With `patienceMs`, one leaves beside another only once that one has
   *   been under way for so long: fewer and larger ones, for work of which two small ones cost more than a large one. With
   *   `restMs`, the next leaves so long after one, unless it is full: for work that nobody waits for
   * @param take works a batch off; must not reject
   */
  constructor(
    private readonly most: { items: number; underWay: number; patienceMs?: number; restMs?: number },
    private readonly take: (batch: Item[]) => Promise<void>,
  ) {}

  /** Returns at once; the batch leaves at the end of this turn of the event loop, with all that came in it. */
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
    while (this.waiting.length > 0 && this.underWay < this.most.underWay && !this.patience) {
      if (this.rest && this.waiting.length < this.most.items) return;
      this.underWay += 1;
      const patience = this.wait();
      this.restAWhile();
      void this.take(this.waiting.splice(0, this.most.items)).finally(() => {
        this.underWay -= 1;
        this.lose(patience);
        this.pump();
      });
    }
  }

  private wait(): NodeJS.Timeout | undefined {
    const { patienceMs } = this.most;
    if (patienceMs === undefined) return undefined;
    const patience = setTimeout(() => {
      this.lose(patience);
      this.pump();
    }, patienceMs);
    this.patience = patience;
    return patience;
  }

  private restAWhile(): void {
    const { restMs } = this.most;
    if (!restMs || this.rest) return;
    this.rest = setTimeout(() => {
      this.rest = undefined;
      this.pump();
    }, restMs);
  }

  private lose(patience: NodeJS.Timeout | undefined): void {
    clearTimeout(patience);
    if (this.patience === patience) this.patience = undefined;
  }
}
