import { Inject, Injectable, Logger } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { IClock } from '../../kernel/clock.js';
import type { ClaimedRun } from '../domain/claimed-run.js';
import type { Ring } from '../domain/doorbell.js';
import { IRunLeases } from '../interfaces/run-leases.js';
import type { Claimant } from '../interfaces/run-leases.js';
import { IRunMetrics } from '../interfaces/run-metrics.js';
import { WorkerId } from '../interfaces/worker-id.js';
import { AttemptRunner } from './attempt-runner.js';
import { Births } from './births.js';
import type { KeptPlaces, WorkerAtHand } from './births.js';
import { HeldUpStarts } from './held-up-starts.js';
import type { HeldUpStart } from './held-up-starts.js';
import { PlacesForBirths } from './kept-places.js';
import { LeaseKeeper } from './lease-keeper.js';
import { Ringer } from './ringer.js';
import { StartGate } from './start-gate.js';

/** A doorbell that is answered when each of its runs has been claimed, or need not be. */
interface Bell {
  left: number;
  answered: () => void;
}

interface Offer {
  runId: string;
  bell: Bell;
  /** How many looks at the gate have found its job locked. */
  looks: number;
}

const maxClaim = 500;
/** Attempts whose handlers have ended and that wait to be settled: with more of them, nothing new is claimed. */
const maxUnsettled = 2_000;
/** Runs claimed at most beyond the places of this worker. */
const maxSpare = 5_000;
const maxClaimsInFlight = 2;
/** A run that is rung for earlier than this waits in the dispatcher again, not in this process. */
const longestLocalWaitMs = 1_000;
/** Time, in ms, that whoever has a run locked gets to be done with it. */
const shortestLocalWaitMs = 10;
/** Longest wait for the lock of a job, in ms. */
const lockWaitMs = 500;
const firstPauseMs = 100;
const longestPauseMs = 2_000;

/**
 * Takes the runs that doorbells name: claims as many as there is room for in one statement, starts each when it is due.
 * A doorbell is answered once its runs are claimed; from then on the leases keep them alive, not the dispatcher.
 */
@Injectable()
export class RunWorker implements WorkerAtHand {
  readonly claimant: Claimant;
  private readonly logger = new Logger(RunWorker.name);
  private readonly offers: Offer[] = [];
  private readonly claims = new Set<Promise<void>>();
  /** Places that claims under way will take. */
  private reserved = 0;
  private readonly births = new Set<PlacesForBirths>();
  /** Places that births under way will take. */
  private kept = 0;
  private pumping = false;
  private stopping = false;
  private saidSilence = false;
  private readonly heldUp = new HeldUpStarts({
    offer: ({ runId, looks }) => void this.offer([runId], looks),
    wait: (start) => this.waitAtGate(start),
  });

  constructor(
    @Inject(IRunLeases) private readonly leases: IRunLeases,
    @Inject(Config) private readonly config: Config,
    @Inject(WorkerId) workerId: WorkerId,
    @Inject(IClock) private readonly clock: IClock,
    @Inject(IRunMetrics) private readonly metrics: IRunMetrics,
    private readonly keeper: LeaseKeeper,
    private readonly attempts: AttemptRunner,
    private readonly gate: StartGate,
    private readonly ringer: Ringer,
    private readonly born: Births,
  ) {
    this.claimant = { workerId, leaseMs: config.engine.leaseMs, aheadMs: config.engine.claimAheadMs };
    this.attempts.onEnd(() => this.pumpSoon());
  }

  /** Takes from now on, besides what doorbells name, what this process would ring for itself, and what it plans. */
  startTaking(): void {
    this.ringer.askFirst((rings) => this.takeAtHand(rings));
    this.born.startAt(this);
  }

  /** Keeps places that nobody has or is about to get. */
  keepPlaces(count: number): KeptPlaces | null {
    const kept = Math.min(count, this.placesAtHand);
    if (kept <= 0) return null;
    this.kept += kept;
    const places = new PlacesForBirths(kept, this.attempts, () => {
      this.kept -= kept;
      this.births.delete(places);
      this.pumpSoon();
    });
    this.births.add(places);
    return places;
  }

  /** Resolves when each of the runs has been claimed or need not be; waits while there is no room. */
  async offer(runIds: string[], looks = 0): Promise<void> {
    if (runIds.length === 0) return;
    if (this.stopping) {
      this.leave(runIds);
      return;
    }
    await new Promise<void>((answered) => {
      const bell = { left: runIds.length, answered };
      for (const runId of runIds) this.offers.push({ runId, bell, looks });
      this.pumpSoon();
    });
  }

  /** Whether this process waits for doorbells: all that it was offered has been seen to. */
  get isListening(): boolean {
    return this.reserved === 0 && this.offers.length === 0;
  }

  /** How many runs this process could take now. */
  get room(): number {
    return Math.max(this.free - this.offers.length, 0);
  }

  /**
   * Takes nothing new from now on; what waits for room is rung for again, for others to take. Resolves when the claims and
   * births under way have been answered: what they brought has begun, and is waited for or handed back like everything else.
   */
  async stopTaking(): Promise<void> {
    this.stopping = true;
    const left = this.offers.splice(0);
    this.leave(left.map(({ runId }) => runId));
    tick(left);
    await Promise.all([...this.claims, this.heldUp.idle(), ...Array.from(this.births, ({ over }) => over)]);
  }

  private leave(runIds: string[]): void {
    this.ringer.ringLater(runIds.map((runId) => ({ runId, delayMs: 0 })));
  }

  /**
   * Takes what may be claimed now and finds a place of its own here: what would have to wait for one, another process may
   * start sooner. @returns the others
   */
  private takeAtHand(rings: Ring[]): Ring[] {
    const places = this.placesAtHand;
    if (places <= 0) return rings;
    const taken: string[] = [];
    const left = rings.filter(({ runId, delayMs }) => {
      if (delayMs > this.claimant.aheadMs || taken.length >= places) return true;
      taken.push(runId);
      return false;
    });
    void this.offer(taken);
    this.pump();
    return left;
  }

  /** Runs that this worker may claim. The place of a handler that has ended is free before its settlement is committed. */
  private get free(): number {
    return this.isSwamped ? 0 : this.places + Math.min(this.attempts.spare, maxSpare);
  }

  /** Places for what comes by this process itself. */
  private get placesAtHand(): number {
    return this.stopping || this.isSwamped ? 0 : this.places - this.offers.length;
  }

  /** Places that nobody has or is about to get. */
  private get places(): number {
    return this.config.engine.concurrency - this.keeper.busy - this.reserved - this.kept;
  }

  private get isSwamped(): boolean {
    return this.keeper.size - this.keeper.busy >= maxUnsettled;
  }

  /** What comes or ends at the same moment is claimed for in one statement. */
  private pumpSoon(): void {
    if (this.pumping) return;
    this.pumping = true;
    setImmediate(() => {
      this.pumping = false;
      this.pump();
    });
  }

  private pump(): void {
    while (!this.stopping && this.offers.length > 0 && this.claims.size < maxClaimsInFlight) {
      const { free } = this;
      if (free <= 0) return;
      const batch = this.offers.splice(0, Math.min(free, maxClaim));
      this.reserved += batch.length;
      const claim = this.claim(batch).finally(() => {
        this.claims.delete(claim);
        this.reserved -= batch.length;
        this.pump();
      });
      this.claims.add(claim);
    }
  }

  private async claim(batch: Offer[]): Promise<void> {
    const runIds = [...new Set(batch.map(({ runId }) => runId))];
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      if (this.stopping) {
        this.leave(runIds);
        break;
      }
      try {
        const claimed = await this.claiming(() => this.leases.claim(runIds, this.claimant));
        this.saidSilence = false;
        if (claimed.length < runIds.length) {
          const taken = new Set(claimed.map(({ runId }) => runId));
          await this.seeTo(batch.filter(({ runId }) => !taken.has(runId)));
        }
        break;
      } catch (error) {
        this.saySilence(error);
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
    tick(batch);
  }

  /** Once for each outage, not for each try. */
  private saySilence(error: unknown): void {
    if (!this.saidSilence) this.logger.warn(`Cannot claim: ${String(error)}. Trying again until it works.`);
    this.saidSilence = true;
  }

  /**
   * What was not claimed is too early, stands before a gate, is locked by somebody at this moment, or is no longer there to be
   * run: a stale doorbell. What still waits is offered again: this doorbell will not ring for it a second time.
   */
  private async seeTo(offers: Offer[]): Promise<void> {
    const looksOf = new Map(offers.map(({ runId, looks }) => [runId, looks]));
    const waiting = await this.leases.waiting([...looksOf.keys()]);
    this.metrics.stale(looksOf.size - waiting.length);
    const atGate: HeldUpStart[] = [];
    for (const { runId, jobId, waitMs, gated } of waiting)
      if (!gated) this.offerLater(runId, waitMs, waitMs - this.claimant.aheadMs);
      else if (waitMs > 0) this.offerLater(runId, waitMs, waitMs);
      else atGate.push({ runId, jobId, looks: looksOf.get(runId) ?? 0 });
    if (atGate.length > 0) this.heldUp.add(await this.passGate(atGate));
  }

  /** @returns those that somebody else's lock held up */
  private async passGate(starts: HeldUpStart[], waitMs = 0): Promise<HeldUpStart[]> {
    let heldUp: HeldUpStart[] = [];
    await this.claiming(async () => {
      const passed = await this.gate.pass(starts, this.claimant, waitMs);
      heldUp = passed.heldUp;
      return passed.claimed;
    });
    this.metrics.heldUp(heldUp.length);
    return heldUp;
  }

  private async waitAtGate(start: HeldUpStart): Promise<boolean> {
    if (this.stopping || this.free <= 0) return true;
    this.reserved += 1;
    try {
      return (await this.passGate([start], lockWaitMs)).length > 0;
    } finally {
      this.reserved -= 1;
      this.pumpSoon();
    }
  }

  private offerLater(runId: string, waitMs: number, claimableInMs: number): void {
    if (waitMs > longestLocalWaitMs) return this.ringer.ringLater([{ runId, delayMs: waitMs }]);
    setTimeout(() => void this.offer([runId]), Math.max(claimableInMs, shortestLocalWaitMs));
  }

  private async claiming(claim: () => Promise<ClaimedRun[]>): Promise<ClaimedRun[]> {
    const sentMs = this.clock.monotonicMs();
    const claimed = await claim();
    const answeredMs = this.clock.monotonicMs();
    for (const run of claimed) this.attempts.begin(run, sentMs, answeredMs);
    return claimed;
  }
}

function tick(offers: Offer[]): void {
  for (const { bell } of offers) {
    bell.left -= 1;
    if (bell.left === 0) bell.answered();
  }
}
