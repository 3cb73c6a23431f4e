import { Inject, Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import { IClock } from '../../../kernel/clock.js';
import type { CalledRun } from '../../dispatch/domain/doorbell.js';
import type { Ring } from '../../domain/ring.js';
import { placesFor } from '../domain/fair-share.js';
import { IRunLeases } from '../interfaces/run-leases.js';
import type { Claimant } from '../../domain/claimed-run.js';
import { IRunMetrics } from '../../interfaces/run-metrics.js';
import { WorkerId } from '../interfaces/worker-id.js';
import { splitLocal } from './split-local.js';
import { AttemptRunner } from './attempt-runner.js';
import { DirectStarts } from '../../dispatch/services/direct-starts.js';
import type { SlotReservation, LocalWorker } from '../../dispatch/services/direct-starts.js';
import { Claims } from './claims.js';
import { ReservedSlots } from './slot-reservation.js';
import { LeaseKeeper } from './lease-keeper.js';
import { Offers, answer } from './offers.js';
import type { Bell, Offer } from './offers.js';
import { OwnerSearch } from './owner-search.js';
import type { Unowned } from './owner-search.js';
import { Persistence } from './persistence.js';
import { DoorbellDispatcher } from '../../dispatch/services/doorbell-dispatcher.js';
import { Shares } from './shares.js';
import { StartGate } from './start-gate.js';

const maxClaim = 500;
/** Attempts whose handlers have ended and that wait to be settled: with more of them, nothing new is claimed. */
const maxUnsettled = 2_000;
const maxClaimsInFlight = 2;

/**
 * Takes the runs that doorbells name: claims as many as their owners have room for in one statement, starts each when it is due.
 * A doorbell is answered once its runs are claimed; from then on the leases keep them alive, not the dispatcher. It is answered
 * as well when its runs wait only for their owner's share of the places (`Offers`).
 */
@Injectable()
export class RunWorker implements LocalWorker {
  readonly claimant: Claimant;
  private readonly offers = new Offers();
  private readonly shares: Shares;
  private readonly unowned: OwnerSearch;
  private readonly claims: Claims;
  private readonly claiming = new Set<Promise<void>>();
  private readonly reservations = new Set<ReservedSlots>();
  private pumping = false;
  private stopping = false;
  private readonly persistence = new Persistence(() => this.stopping);

  constructor(
    @Inject(IRunLeases) leases: IRunLeases,
    @Inject(Config) config: Config,
    @Inject(WorkerId) workerId: WorkerId,
    @Inject(IClock) clock: IClock,
    @Inject(IRunMetrics) metrics: IRunMetrics,
    private readonly keeper: LeaseKeeper,
    private readonly attempts: AttemptRunner,
    gate: StartGate,
    private readonly dispatcher: DoorbellDispatcher,
    private readonly directStarts: DirectStarts,
  ) {
    this.claimant = { workerId, leaseMs: config.engine.leaseMs, aheadMs: config.engine.claimAheadMs };
    this.shares = new Shares(placesFor(config.engine.concurrency), attempts);
    this.unowned = new OwnerSearch(leases, metrics, {
      insist: (batch, work) => this.insist(batch, work),
      found: (offers) => this.takeOwned(offers),
    });
    this.claims = new Claims(leases, clock, metrics, attempts, gate, dispatcher, this.claimant, {
      offer: ({ runId, userId }, looks) => void this.offer([{ runId, userId }], looks),
      reserve: (userId) => this.reserve(userId),
    });
    this.attempts.onEnd(() => this.pumpSoon());
  }

  /** Takes from now on, besides what doorbells name, what this process would ring for itself, and what it plans. */
  startTaking(): void {
    this.dispatcher.offerFirst((rings) => this.takeLocally(rings));
    this.directStarts.useLocalWorker(this);
  }

  /** Keeps places that nobody has or is about to get, for each owner up to its share. */
  reserveSlots(userIds: string[]): SlotReservation | null {
    const { kept } = this.shares;
    const granted = userIds.map((userId) => {
      if (this.placesAtHand <= 0 || this.placesAtHandFor(userId) <= 0) return false;
      kept.add(userId);
      return true;
    });
    if (!granted.includes(true)) return null;
    const places = new ReservedSlots(granted, this.attempts, () => {
      for (const [at, userId] of userIds.entries()) if (granted[at]) kept.take(userId);
      this.reservations.delete(places);
      this.pumpSoon();
    });
    this.reservations.add(places);
    return places;
  }

  /**
   * Resolves when each of the runs has been claimed or need not be, or waits here for its owner's share; waits itself while there
   * is no room for anybody.
   */
  async offer(runs: CalledRun[], looks = 0): Promise<void> {
    if (runs.length === 0) return;
    if (this.stopping) {
      this.leave(runs);
      return;
    }
    await new Promise<void>((answered) => {
      const bell: Bell = { left: runs.length, answered };
      for (const { runId, userId } of runs)
        if (userId === null) this.unowned.add({ runId, bell, looks });
        else this.offers.add({ runId, userId, bell, looks });
      this.pumpSoon();
    });
  }

  /** Whether this process waits for doorbells: all that it was offered has been seen to. */
  get isListening(): boolean {
    return this.shares.reserved.total === 0 && !this.unowned.underWay && this.fresh === 0;
  }

  /** How many runs this process could take now, of owners that have not their share. */
  get room(): number {
    return this.isSwamped ? 0 : Math.max(this.shares.room - this.fresh, 0);
  }

  /** Owners that have so much here that nothing more of theirs could be claimed now. */
  get satisfied(): string[] {
    const userIds = new Set([...this.shares.userIds, ...this.offers.userIds]);
    return [...userIds].filter((userId) => this.shares.roomOf(userId) <= this.offers.of(userId));
  }

  /** Runs that wait here for no more than their owner's share. */
  get heldBack(): number {
    return this.offers.held;
  }

  /**
   * Takes nothing new from now on; what waits for room is rung for again, for others to take. Resolves when the claims and
   * reservations under way have been answered: what they brought has begun, and is waited for or handed back like everything else.
   */
  async stopTaking(): Promise<void> {
    this.stopping = true;
    const left = [...this.unowned.takeAll(), ...this.offers.takeAll()];
    this.leave(left);
    answer(left);
    await Promise.all([
      ...this.claiming,
      this.unowned.underWay,
      this.claims.idle(),
      ...Array.from(this.reservations, ({ over }) => over),
    ]);
  }

  private leave(runs: { runId: string; userId?: string | null }[]): void {
    this.dispatcher.ringLater(runs.map(({ runId, userId }) => ({ runId, userId: userId ?? undefined, delayMs: 0 })));
  }

  /**
   * Takes what may be claimed now and finds a place of its own here: what would have to wait for one, another process may
   * start sooner. @returns the others
   */
  private takeLocally(rings: Ring[]): Ring[] {
    const places = this.placesAtHand;
    if (places <= 0) return rings;
    const { taken, left } = splitLocal(rings, places, this.claimant.aheadMs, (userId) => this.placesAtHandFor(userId));
    void this.offer(taken);
    this.pump();
    return left;
  }

  /** Handler slots for what comes by this process itself. */
  private get placesAtHand(): number {
    return this.stopping || this.isSwamped ? 0 : this.shares.places - this.fresh;
  }

  private placesAtHandFor(userId: string): number {
    return this.shares.placesFor(userId) - this.offers.of(userId);
  }

  /** What this worker was called for and has not seen to, but for what is held back. */
  private get fresh(): number {
    return this.offers.fresh + this.unowned.waiting;
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
    if (this.stopping || this.isSwamped) return;
    this.unowned.search();
    while (this.claiming.size < maxClaimsInFlight) {
      const batch = this.nextBatch();
      if (batch.length === 0) break;
      const claim = this.insist(batch, () => this.claims.claim(batch)).finally(() => {
        answer(batch);
        this.claiming.delete(claim);
        for (const { userId } of batch) this.shares.reserved.take(userId);
        this.pump();
      });
      this.claiming.add(claim);
    }
    if (this.shares.places > 0) this.offers.holdBack((userId) => this.shares.roomOf(userId) === 0);
  }

  /** What its owners have room for, which is reserved. */
  private nextBatch(): Offer[] {
    const batch: Offer[] = [];
    for (const userId of this.offers.userIds) {
      const offers = this.offers.take(userId, Math.min(this.shares.roomOf(userId), maxClaim - batch.length));
      if (offers.length > 0) this.shares.reserved.add(userId, offers.length);
      batch.push(...offers);
      if (batch.length >= maxClaim) break;
    }
    return batch;
  }

  private takeOwned(offers: Offer[]): void {
    if (this.stopping) {
      this.leave(offers);
      return answer(offers);
    }
    for (const offer of offers) this.offers.add(offer);
    this.pumpSoon();
  }

  /** Others are to take what it was for when this worker stops before PostgreSQL answers. */
  private async insist(batch: (Unowned & { userId?: string })[], work: () => Promise<void>): Promise<void> {
    if (!(await this.persistence.until(work))) this.leave(batch);
  }

  private reserve(userId: string): (() => void) | null {
    if (this.stopping || this.isSwamped || this.shares.roomOf(userId) === 0) return null;
    this.shares.reserved.add(userId);
    return () => {
      this.shares.reserved.take(userId);
      this.pumpSoon();
    };
  }
}
