import type { IClock } from '../../kernel/clock.js';

/** How long the process's own clock extends an answer of the database, in ms. */
const maxAgeMs = 250;
/** An answer that took longer, in ms, is used once and not extended, because the moment it was read at is uncertain. */
const maxRoundTripMs = 20;
/** A larger difference between wall and monotonic time, in ms, means that a clock was set or the machine slept. */
const maxDriftMs = 10;

interface Answer {
  now: Date;
  monotonicMs: number;
  wallMs: number;
}

/**
 * The database's time without a query for each call. The database is queried at most once in `maxAgeMs`; in between, the process's
 * monotonic clock extends its last answer. The result is never ahead of the database's clock, and behind it by at most the time
 * that the answer took to arrive.
 */
export class CachedDatabaseTime {
  private last: Answer | undefined;

  /** @param ask the database's clock */
  constructor(
    private readonly ask: () => Promise<Date>,
    private readonly clock: IClock,
  ) {}

  async now(): Promise<Date> {
    const { last } = this;
    const sinceMs = last && this.sinceMs(last);
    if (last && sinceMs !== undefined) return new Date(last.now.getTime() + sinceMs);
    const askedMs = this.clock.monotonicMs();
    const now = await this.ask();
    const monotonicMs = this.clock.monotonicMs();
    const isCertain = monotonicMs - askedMs <= maxRoundTripMs;
    this.last = isCertain ? { now, monotonicMs, wallMs: this.clock.now().getTime() } : undefined;
    return now;
  }

  /** Whole ms since the answer; undefined when the answer is older than `maxAgeMs`, or its age is uncertain. */
  private sinceMs({ monotonicMs, wallMs }: Answer): number | undefined {
    const sinceMs = this.clock.monotonicMs() - monotonicMs;
    const driftMs = Math.abs(this.clock.now().getTime() - wallMs - sinceMs);
    return sinceMs <= maxAgeMs && driftMs <= maxDriftMs ? Math.floor(sinceMs) : undefined;
  }
}
