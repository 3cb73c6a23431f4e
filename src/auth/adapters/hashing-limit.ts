import { DomainError } from '../../kernel/errors.js';
import { FairLine } from './fair-line.js';

const retryAfterSeconds = 2;

interface Waiting {
  admit: () => void;
  refuse: (reason: DomainError) => void;
}

/** Who wants to pass. */
export interface Passer {
  /** For whom: turns go round by each part of it. */
  path: readonly string[];
  /** As many may wait with this path; by default as many as may wait at all. */
  mayWait?: number;
  /** Whether nobody waits for the outcome any more: then the turn goes to the next. */
  isGone?: () => boolean;
}

/**
 * Lets a few in at once and has some wait, each path in its turn. When too many wait, the last of the longest line leaves: whoever
 * comes alone is let in however many others send.
 */
export class HashingLimit {
  private inside = 0;
  private readonly waiting = new FairLine<Waiting>();

  /**
   * @param atOnce how many are inside at the same time
   * @param mayWait how many wait in all
   */
  constructor(
    private readonly atOnce: number,
    private readonly mayWait: number,
  ) {}

  /** @throws unavailable `TOO_BUSY` at once, or when others that wait for less have come; `work` has then not begun */
  async pass<T>(passer: Passer, work: () => Promise<T>): Promise<T> {
    await this.enter(passer);
    try {
      if (passer.isGone?.()) throw tooBusy();
      return await work();
    } finally {
      this.leave();
    }
  }

  private async enter({ path, mayWait = this.mayWait }: Passer): Promise<void> {
    if (this.inside < this.atOnce) {
      this.inside += 1;
      return;
    }
    if (this.waiting.sizeOf(path) >= mayWait) throw tooBusy();
    await new Promise<void>((admit, refuse) => {
      this.waiting.add(path, { admit, refuse });
      if (this.waiting.size > this.mayWait) this.waiting.takeFromLongest()?.refuse(tooBusy());
    });
  }

  /** Whoever leaves hands the place on. */
  private leave(): void {
    const next = this.waiting.takeNext();
    if (next) next.admit();
    else this.inside -= 1;
  }
}

const tooBusy = (): DomainError =>
  new DomainError('unavailable', 'TOO_BUSY', 'Too many passwords are being checked at once; try again shortly.', {
    retryAfterSeconds,
  });
