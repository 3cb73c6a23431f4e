/**
 * Gathers what comes at the same moment and takes it on in batches: whatever is in hand goes into one, a few are under way
 * at a time, and nothing waits while one is free. Group commit, for work of which ten cost little more than one.
 */
export class Batches<Item> {
  private readonly waiting: Item[] = [];
  private underWay = 0;
  private pumping = false;

  /**
   * @param most items in a batch, and batches under way
   * @param take works a batch off; must not reject
   */
  constructor(
    private readonly most: { items: number; underWay: number },
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
    while (this.waiting.length > 0 && this.underWay < this.most.underWay) {
      this.underWay += 1;
      void this.take(this.waiting.splice(0, this.most.items)).finally(() => {
        this.underWay -= 1;
        this.pump();
      });
    }
  }
}
