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
  /** Monotonic time until which this process certainly has the lease. */
  safeUntilMs: number;
  /** The handler has ended, and only the settlement is left: an abort would have no effect. */
  ended: boolean;
}

/** An attempt whose lease could not be renewed is given up after this share of the lease, before another worker may take the run. */
const trustShare = 0.8;
const maxCheckMs = 1_000;

/**
 * Renews the leases of all runs that this process holds, in one statement. The answer also names the runs whose cancellation was
 * requested. An attempt whose lease may have expired is aborted. Leases are measured on the monotonic clock, from the moment before
 * the renewal was sent.
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
   * Gives up an attempt of the same run that this process still holds under an older token.
   *
   * @param claimedMs monotonic time before the claim was sent: the lease is measured from there, however late the answer came
   * @param waitMs ms from the claim until the attempt starts: the lease begins with the attempt
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
   * Gives the attempt up if its lease may have expired: this process may have been frozen since the claim.
   * @param nowMs monotonic
   */
  giveUpIfUntrusted({ runId, leaseToken }: HeldRun, nowMs: number): void {
    const held = this.held.get(runId);
    if (held?.leaseToken === leaseToken && held.safeUntilMs < nowMs) this.giveUp(runId, held);
  }

  /** Renews now and not at the end of the pause, so that cancellations are noticed at once. */
  renewSoon(): void {
    this.renewal.hurry();
  }

  /** The attempt's handler has ended. The lease is renewed until the settlement has been committed. */
  ended({ runId, leaseToken }: HeldRun): void {
    const held = this.held.get(runId);
    if (held?.leaseToken === leaseToken) this.markEnded(held);
  }

  /** Ends the renewal of the attempt's lease. A later attempt of the same run in this process keeps its own. */
  release({ runId, leaseToken }: HeldRun): void {
    const held = this.held.get(runId);
    if (held?.leaseToken !== leaseToken) return;
    this.markEnded(held);
    this.held.delete(runId);
  }

  /** Runs that this process holds: their handlers run, or they wait for their settlement. */
  get size(): number {
    return this.held.size;
  }

  /** Held runs whose handlers have not ended. */
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

  /** Applies PostgreSQL's answer. @param cancelRequested undefined: this process no longer has the lease */
  applyRenewal({ runId, leaseToken }: HeldRun, cancelRequested: boolean | undefined): void {
    const held = this.held.get(runId);
    if (held?.leaseToken !== leaseToken) return;
    if (cancelRequested === undefined) this.giveUp(runId, held);
    if (cancelRequested) held.abort.abort('cancelled' satisfies StopReason);
  }

  /** One round of the watchdog: gives up the attempts whose leases may have expired. */
  dropUnsure(): void {
    const nowMs = this.clock.monotonicMs();
    for (const [runId, held] of this.held) if (held.safeUntilMs < nowMs) this.giveUp(runId, held);
  }

  private get checkMs(): number {
    return Math.min(this.config.engine.leaseMs / 3, maxCheckMs);
  }

  private markEnded(held: Held): void {
    if (!held.ended) this.working -= 1;
    held.ended = true;
  }

  private giveUp(runId: string, held: Held): void {
    if (held.ended || held.abort.aborted) return;
    this.metrics.leaseLost();
    this.logger.warn(`The lease of run ${runId} is lost: its attempt is aborted and settles nothing`);
    held.abort.abort('lost' satisfies StopReason);
  }
}
