/** How much faster or slower than the other one of the two clocks may go: NTP slews by 500 ppm at most. */
const driftShare = 0.001;

/**
 * The monotonic time at which the database's clock surely reads so much, from what the database has told of its time lately.
 * An answer says how far its clock is ahead of ours to within its time on the way; the best of those that came lately says
 * it best. So a claim of many runs, whose answer takes long, does not make them late.
 */
export class DatabaseClockBound {
  /** The database's clock less ours, in ms, at least, when it was told. */
  private leadMs = -Infinity;
  private toldMs = 0;

  /**
   * @param databaseMs what the database's clock read, in ms, between the two monotonic times
   * @param sentMs when it was asked
   * @param answeredMs when it had answered
   */
  told(databaseMs: number, sentMs: number, answeredMs: number): void {
    const knownMs = this.leadAt(answeredMs);
    const leastMs = databaseMs - answeredMs;
    // A lead that this answer rules out: one of the clocks was set.
    if (knownMs > leastMs && knownMs <= databaseMs - sentMs) return;
    this.leadMs = leastMs;
    this.toldMs = answeredMs;
  }

  /** @param nowMs monotonic @returns the earliest monotonic time at which the database's clock surely reads `databaseMs` */
  reaches(databaseMs: number, nowMs: number): number {
    const atMs = databaseMs - this.leadAt(nowMs);
    return atMs + Math.max(atMs - nowMs, 0) * driftShare;
  }

  private leadAt(nowMs: number): number {
    return this.leadMs - (nowMs - this.toldMs) * driftShare;
  }
}
