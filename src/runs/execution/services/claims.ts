import type { IClock } from '../../../kernel/clock.js';
import type { ClaimedRun } from '../../domain/claimed-run.js';
import type { IRunLeases } from '../interfaces/run-leases.js';
import type { Claimant } from '../../domain/claimed-run.js';
import type { IRunMetrics } from '../../interfaces/run-metrics.js';
import type { AttemptRunner } from './attempt-runner.js';
import { HeldUpStarts } from './held-up-starts.js';
import type { HeldUpStart } from './held-up-starts.js';
import type { Offer } from './offers.js';
import type { DoorbellDispatcher } from '../../dispatch/services/doorbell-dispatcher.js';
import type { StartGate } from './start-gate.js';

/** A run that is due later than this, in ms, waits in the dispatcher again and not in this process. */
const maxLocalWaitMs = 1_000;
/** Pause, in ms, before a run that another transaction had locked is offered again. */
const minLocalWaitMs = 10;
/** Maximum wait for the lock of a job, in ms. */
const lockWaitMs = 500;

interface Ways {
  /** Offers the run to the worker again. */
  offer(run: { runId: string; userId: string }, looks?: number): void;
  /** Reserves a handler slot for a run of the owner. @returns a function that frees it; null: no slot is free */
  reserve(userId: string): (() => void) | null;
}

/** Claims runs and begins their attempts; offers a run that could not be claimed again when it may be. */
export class Claims {
  private readonly heldUp = new HeldUpStarts({
    offer: (start) => this.ways.offer(start, start.looks),
    wait: (start) => this.waitAtGate(start),
  });

  constructor(
    private readonly leases: IRunLeases,
    private readonly clock: IClock,
    private readonly metrics: IRunMetrics,
    private readonly attempts: Pick<AttemptRunner, 'begin'>,
    private readonly gate: StartGate,
    private readonly dispatcher: DoorbellDispatcher,
    private readonly claimant: Claimant,
    private readonly ways: Ways,
  ) {}

  /** Rejects with PostgreSQL's error. The caller then tries again. */
  async claim(batch: Offer[]): Promise<void> {
    const runIds = [...new Set(batch.map(({ runId }) => runId))];
    const claimed = await this.begin(() => this.leases.claim(runIds, this.claimant));
    if (claimed.length === runIds.length) return;
    const taken = new Set(claimed.map(({ runId }) => runId));
    await this.seeTo(batch.filter(({ runId }) => !taken.has(runId)));
  }

  /** Resolves when no wait for a lock is under way. */
  idle(): Promise<void> {
    return this.heldUp.idle();
  }

  /**
   * Handles the runs that were not claimed. Such a run is not due yet, must pass a gate, is locked by another transaction, or
   * waits no longer (a stale doorbell). Runs that still wait are offered again, because this doorbell will not ring a second time.
   */
  private async seeTo(offers: Offer[]): Promise<void> {
    const byRun = new Map(offers.map((offer) => [offer.runId, offer]));
    const waiting = await this.leases.waiting([...byRun.keys()]);
    this.metrics.stale(byRun.size - waiting.length);
    const atGate: HeldUpStart[] = [];
    for (const { runId, jobId, waitMs, gated } of waiting) {
      const { userId, looks } = byRun.get(runId)!;
      if (!gated) this.offerLater({ runId, userId }, waitMs, waitMs - this.claimant.aheadMs);
      else if (waitMs > 0) this.offerLater({ runId, userId }, waitMs, waitMs);
      else atGate.push({ runId, userId, jobId, looks });
    }
    if (atGate.length > 0) this.heldUp.add(await this.passGate(atGate));
  }

  /** @returns runs of jobs that another transaction had locked */
  private async passGate(starts: HeldUpStart[], waitMs = 0): Promise<HeldUpStart[]> {
    let heldUp: HeldUpStart[] = [];
    await this.begin(async () => {
      const passed = await this.gate.pass(starts, this.claimant, waitMs);
      heldUp = passed.heldUp;
      return passed.claimed;
    });
    this.metrics.heldUp(heldUp.length);
    return heldUp;
  }

  private async waitAtGate(start: HeldUpStart): Promise<boolean> {
    const giveBack = this.ways.reserve(start.userId);
    if (!giveBack) return true;
    try {
      return (await this.passGate([start], lockWaitMs)).length > 0;
    } finally {
      giveBack();
    }
  }

  private offerLater(run: { runId: string; userId: string }, waitMs: number, claimableInMs: number): void {
    if (waitMs > maxLocalWaitMs) return this.dispatcher.ringLater([{ ...run, delayMs: waitMs }]);
    setTimeout(() => this.ways.offer(run), Math.max(claimableInMs, minLocalWaitMs));
  }

  private async begin(claim: () => Promise<ClaimedRun[]>): Promise<ClaimedRun[]> {
    const sentMs = this.clock.monotonicMs();
    const claimed = await claim();
    const answeredMs = this.clock.monotonicMs();
    for (const run of claimed) this.attempts.begin(run, sentMs, answeredMs);
    return claimed;
  }
}
