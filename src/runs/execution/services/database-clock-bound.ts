/** Maximum drift between the two clocks, as a share of the time: NTP slews each by at most 500 ppm. */
const driftShare = 0.001;

/**
 * Estimates the earliest local monotonic time at which the database clock is certain to have reached a given value. Every answer
 * that carries the database time gives a lower bound for the offset between the two clocks. The tightest bound is kept, and
 * loosened by `driftShare` of the time since then. A slow answer, such as that to a claim of many runs, therefore does not delay
 * their start.
 */
export class DatabaseClockBound {
  /** Lower bound of the database clock minus the local monotonic clock, in ms, at `learnedMs`. */
  private leadMs = -Infinity;
  private learnedMs = 0;

  /**
   * @param databaseMs reading of the database clock, in ms, taken between the two monotonic times
   * @param sentMs monotonic time before the request
   * @param answeredMs monotonic time after the answer
   */
  learn(databaseMs: number, sentMs: number, answeredMs: number): void {
    const knownMs = this.leadAt(answeredMs);
    const minMs = databaseMs - answeredMs;
    // A known bound above what this answer allows means that one of the clocks was set.
    if (knownMs > minMs && knownMs <= databaseMs - sentMs) return;
    this.leadMs = minMs;
    this.learnedMs = answeredMs;
  }

  /** @param nowMs monotonic @returns the earliest monotonic time at which the database clock certainly reads `databaseMs` */
  reaches(databaseMs: number, nowMs: number): number {
    const atMs = databaseMs - this.leadAt(nowMs);
    return atMs + Math.max(atMs - nowMs, 0) * driftShare;
  }

  private leadAt(nowMs: number): number {
    return this.leadMs - (nowMs - this.learnedMs) * driftShare;
  }
}
