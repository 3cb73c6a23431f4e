import { DomainError } from '../../kernel/errors.js';

const retryAfterSeconds = 2;

/** Lets a few in at once, has some wait in order, and turns the rest away at once. */
export class Gate {
  private inside = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly atOnce: number,
    private readonly mayWait: number,
  ) {}

  /** @throws unavailable `TOO_BUSY` when as many as may are waiting already */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    await this.enter();
    try {
      return await work();
    } finally {
      this.leave();
    }
  }

  private async enter(): Promise<void> {
    if (this.inside < this.atOnce) {
      this.inside += 1;
      return;
    }
    if (this.waiting.length >= this.mayWait)
      throw new DomainError('unavailable', 'TOO_BUSY', 'Too many are logging in at once; try again shortly.', {
        retryAfterSeconds,
      });
    await new Promise<void>((admit) => this.waiting.push(admit));
  }

  /** Whoever leaves hands the place to the one who has waited longest. */
  private leave(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.inside -= 1;
  }
}
