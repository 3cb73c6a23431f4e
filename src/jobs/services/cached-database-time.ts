import type { IClock } from '../../kernel/clock.js';

/** Ms for which the process's own clock counts on from what the database has said. */
const freshMs = 250;
/** An answer that took longer, in ms, is told once and not counted on from: nobody knows when it was right. */
const longestAskedMs = 20;
/** Wall and monotonic time differ by more, in ms: one was set, or the machine slept. */
const largestDriftMs = 10;

interface Told {
  now: Date;
  monotonicMs: number;
  wallMs: number;
}

/**
 * The database's clock without a round trip each time: asked at most a few times a second, and counted on in between. It is
 * never ahead of the database's, and behind by as long as the answer was on its way at most.
 */
export class CachedDatabaseTime {
  private told: Told | undefined;

  /** @param ask the database's clock */
  constructor(
    private readonly ask: () => Promise<Date>,
    private readonly clock: IClock,
  ) {}

  async now(): Promise<Date> {
    const { told } = this;
    const sinceMs = told && this.sinceMs(told);
    if (told && sinceMs !== undefined) return new Date(told.now.getTime() + sinceMs);
    const askedMs = this.clock.monotonicMs();
    const now = await this.ask();
    const monotonicMs = this.clock.monotonicMs();
    const isCertain = monotonicMs - askedMs <= longestAskedMs;
    this.told = isCertain ? { now, monotonicMs, wallMs: this.clock.now().getTime() } : undefined;
    return now;
  }

  /** Whole ms since then; undefined when that is too long ago, or cannot be told for sure. */
  private sinceMs({ monotonicMs, wallMs }: Told): number | undefined {
    const sinceMs = this.clock.monotonicMs() - monotonicMs;
    const driftMs = Math.abs(this.clock.now().getTime() - wallMs - sinceMs);
    return sinceMs <= freshMs && driftMs <= largestDriftMs ? Math.floor(sinceMs) : undefined;
  }
}
