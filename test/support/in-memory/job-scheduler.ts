import { groupRings } from '../../../src/runs/dispatch/domain/doorbell.js';
import type { CalledRun, Doorbell } from '../../../src/runs/dispatch/domain/doorbell.js';
import type { Ring } from '../../../src/runs/domain/ring.js';
import type { IJobScheduler } from '../../../src/runs/dispatch/interfaces/job-scheduler.js';
import type { FixedClock } from '../fixed-clock.js';

/** Doorbells that ring when a test's clock has come so far. */
export class InMemoryJobScheduler implements IJobScheduler {
  private waiting: (Omit<Doorbell, 'delayMs'> & { atMs: number })[] = [];
  private epoch = false;
  private reachable = true;

  /** @param aheadMs how long before the first of its runs is due a doorbell rings */
  constructor(
    private readonly clock: FixedClock,
    private readonly aheadMs: number,
  ) {}

  async ring(rings: Ring[]): Promise<void> {
    await this.ping();
    for (const { delayMs, ...named } of groupRings(rings, this.aheadMs))
      this.waiting.push({ ...named, atMs: this.clock.ms + delayMs });
  }

  async hasForgotten(): Promise<boolean> {
    await this.ping();
    const forgotten = !this.epoch;
    this.epoch = true;
    return forgotten;
  }

  async ping(): Promise<void> {
    if (!this.reachable) throw new Error('Redis is not connected');
  }

  /** Takes the doorbells whose time has come, each once, in their order. @returns the runs that each names */
  takeRung(): string[][] {
    return this.takeCalls().map((runs) => runs.map(({ runId }) => runId));
  }

  /** The same, with whose the runs are. */
  takeCalls(): CalledRun[][] {
    const rung = this.waiting.filter(({ atMs }) => atMs <= this.clock.ms).sort((a, b) => a.atMs - b.atMs);
    this.waiting = this.waiting.filter(({ atMs }) => atMs > this.clock.ms);
    return rung.map(({ runIds, userIds }) => runIds.map((runId, at) => ({ runId, userId: userIds[at] ?? null })));
  }

  /** When the next doorbell rings, in ms since the epoch; Infinity when none waits. */
  get nextMs(): number {
    return Math.min(...this.waiting.map(({ atMs }) => atMs), Infinity);
  }

  /** What a flush of Redis does. */
  flush(): void {
    this.waiting = [];
    this.epoch = false;
  }

  /** What an outage of Redis does. */
  setReachable(reachable: boolean): void {
    this.reachable = reachable;
  }
}
