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

/** A run that is rung for earlier than this waits in the dispatcher again, not in this process. */
const longestLocalWaitMs = 1_000;
/** Time, in ms, that whoever has a run locked gets to be done with it. */
const shortestLocalWaitMs = 10;
/** Longest wait for the lock of a job, in ms. */
const lockWaitMs = 500;

interface Ways {
  /** Takes the run as one that the worker was called for. */
  offer(run: { runId: string; userId: string }, looks?: number): void;
  /** Reserves a place for a run of the owner. @returns gives it back; null: there is no room */
  reserve(userId: string): (() => void) | null;
}

/** Claims runs and begins them, and sees to those that could not be claimed. */
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

  /** Rejects with what PostgreSQL answers, as often as it is to be tried again. */
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
   * What was not claimed is too early, stands before a gate, is locked by somebody at this moment, or is no longer there to be
   * run: a stale doorbell. What still waits is offered again: this doorbell will not ring for it a second time.
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

  /** @returns those that somebody else's lock held up */
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
    if (waitMs > longestLocalWaitMs) return this.dispatcher.ringLater([{ ...run, delayMs: waitMs }]);
    setTimeout(() => this.ways.offer(run), Math.max(claimableInMs, shortestLocalWaitMs));
  }

  private async begin(claim: () => Promise<ClaimedRun[]>): Promise<ClaimedRun[]> {
    const sentMs = this.clock.monotonicMs();
    const claimed = await claim();
    const answeredMs = this.clock.monotonicMs();
    for (const run of claimed) this.attempts.begin(run, sentMs, answeredMs);
    return claimed;
  }
}
