import { Inject, Injectable, Logger } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import type { Abort } from '../../../kernel/abort.js';
import { IClock } from '../../../kernel/clock.js';
import { IRunLeases } from '../interfaces/run-leases.js';
import type { HeldRun } from '../interfaces/run-leases.js';
import { IRunMetrics } from '../../interfaces/run-metrics.js';
import { Duty } from '../../../kernel/duty.js';

/** Why a running attempt is told to stop: the `reason` of its Abort. */
export type StopReason = 'cancelled' | 'lost' | 'stopping';

interface Held {
  leaseToken: string;
  abort: Abort;
  /** Monotonic time up to which the lease is surely ours. */
  safeUntilMs: number;
  /** The handler has ended and only its settlement is under way: there is nothing left to abort. */
  ended: boolean;
}

/** Share of the lease after which an attempt that could not be renewed is given up: before another worker may take it. */
const trustShare = 0.8;
const longestCheckMs = 1_000;

/**
 * Renews the leases of all that this process holds in one statement, learns of cancellations by the way, and aborts
 * what it can no longer be sure of. Local trust is anchored on the monotonic clock before the renewal was sent.
 */
@Injectable()
export class LeaseKeeper {
  private readonly logger = new Logger(LeaseKeeper.name);
  private readonly held = new Map<string, Held>();
  private working = 0;
  private readonly renewal: Duty;
  private watchdog: NodeJS.Timeout | undefined;

  constructor(
    @Inject(IRunLeases) private readonly leases: IRunLeases,
    @Inject(IClock) private readonly clock: IClock,
    @Inject(Config) private readonly config: Config,
    @Inject(IRunMetrics) private readonly metrics: IRunMetrics,
  ) {
    this.renewal = new Duty(LeaseKeeper.name, this.checkMs, () => this.renew());
  }

  start(): void {
    this.renewal.start();
    this.watchdog = setInterval(() => this.dropUnsure(), this.checkMs / 2);
  }

  async stop(): Promise<void> {
    clearInterval(this.watchdog);
    await this.renewal.stop();
  }

  /**
   * An attempt of the same run that this process still holds under an older token is given up.
   *
   * @param claimedMs monotonic time before the claim was sent: trust counts from there, however late the answer came
   * @param waitMs ms from the claim until the attempt starts: the lease counts from its start
   */
  hold({ runId, leaseToken }: HeldRun, abort: Abort, claimedMs: number, waitMs: number): void {
    const older = this.held.get(runId);
    if (older) {
      this.giveUp(runId, older);
      this.markEnded(older);
    }
    const safeUntilMs = claimedMs + waitMs + this.config.engine.leaseMs * trustShare;
    this.held.set(runId, { leaseToken, abort, safeUntilMs, ended: false });
    this.working += 1;
  }

  /**
   * Gives the attempt up now if it can no longer be trusted: this process may have slept since it was claimed.
   * @param nowMs monotonic
   */
  giveUpIfUntrusted({ runId, leaseToken }: HeldRun, nowMs: number): void {
    const held = this.held.get(runId);
    if (held?.leaseToken === leaseToken && held.safeUntilMs < nowMs) this.giveUp(runId, held);
  }

  /** Renews, and so learns of cancellations, now rather than at the end of the pause. */
  renewSoon(): void {
    this.renewal.hurry();
  }

  /** The attempt's handler has ended; the lease is kept until the settlement has been committed. */
  ended({ runId, leaseToken }: HeldRun): void {
    const held = this.held.get(runId);
    if (held?.leaseToken === leaseToken) this.markEnded(held);
  }

  /** A later attempt of the same run in this process stays held. */
  release({ runId, leaseToken }: HeldRun): void {
    const held = this.held.get(runId);
    if (held?.leaseToken !== leaseToken) return;
    this.markEnded(held);
    this.held.delete(runId);
  }

  /** Runs that this process holds: at work, or ended and on their way to be settled. */
  get size(): number {
    return this.held.size;
  }

  /** Those of them whose handlers have not ended. */
  get busy(): number {
    return this.working;
  }

  abortAll(reason: StopReason): void {
    for (const { abort } of this.held.values()) abort.abort(reason);
  }

  /** One round of renewing. */
  async renew(): Promise<void> {
    const asked = [...this.held].map(([runId, { leaseToken }]) => ({ runId, leaseToken }));
    if (asked.length === 0) return;
    const sentMs = this.clock.monotonicMs();
    const { leaseMs } = this.config.engine;
    const answers = new Map((await this.leases.renew(asked, leaseMs)).map((run) => [run.runId, run]));
    for (const run of asked) {
      const held = this.held.get(run.runId);
      const answer = answers.get(run.runId);
      if (held?.leaseToken === run.leaseToken && answer?.renewed)
        held.safeUntilMs = Math.max(held.safeUntilMs, sentMs + leaseMs * trustShare);
      this.applyRenewal(run, answer?.cancelRequested);
    }
  }

  /** What PostgreSQL has said of an attempt: whether its cancellation is asked for; undefined: its lease is not ours. */
  applyRenewal({ runId, leaseToken }: HeldRun, cancelRequested: boolean | undefined): void {
    const held = this.held.get(runId);
    if (held?.leaseToken !== leaseToken) return;
    if (cancelRequested === undefined) this.giveUp(runId, held);
    if (cancelRequested) held.abort.abort('cancelled' satisfies StopReason);
  }

  /** One round of the watchdog: gives up what this process can no longer be sure to hold. */
  dropUnsure(): void {
    const nowMs = this.clock.monotonicMs();
    for (const [runId, held] of this.held) if (held.safeUntilMs < nowMs) this.giveUp(runId, held);
  }

  private get checkMs(): number {
    return Math.min(this.config.engine.leaseMs / 3, longestCheckMs);
  }

  private markEnded(held: Held): void {
    if (!held.ended) this.working -= 1;
    held.ended = true;
  }

  private giveUp(runId: string, held: Held): void {
    if (held.ended || held.abort.aborted) return;
    this.metrics.leaseLost();
    this.logger.warn(`Lease of run ${runId} is gone: its attempt is aborted and will settle nothing`);
    held.abort.abort('lost' satisfies StopReason);
  }
}
