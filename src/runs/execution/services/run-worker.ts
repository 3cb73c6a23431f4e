import { Inject, Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import { IClock } from '../../../kernel/clock.js';
import type { CalledRun } from '../../dispatch/domain/doorbell.js';
import type { Ring } from '../../domain/ring.js';
import { slotsFor } from '../domain/fair-share.js';
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
/** With this many ended attempts that wait for their settlement, the worker claims nothing new. */
const maxUnsettled = 2_000;
const maxClaimsInFlight = 2;

/**
 * Takes the runs that doorbells name. One statement claims as many runs as their owners have room for, and each run starts when
 * it is due. The worker answers a doorbell once its runs are claimed: from then on their leases protect them, not the doorbell.
 * It also answers a doorbell whose runs wait only for their owner's share of the handler slots (see `Offers`).
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
    this.shares = new Shares(slotsFor(config.engine.concurrency), attempts);
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

  /** From now on, also takes the runs that this process would otherwise ring for, and those that it inserts. */
  startTaking(): void {
    this.dispatcher.offerFirst((rings) => this.takeLocally(rings));
    this.directStarts.useLocalWorker(this);
  }

  /** Reserves free handler slots, for each owner up to its share. */
  reserveSlots(userIds: string[]): SlotReservation | null {
    const { forInserts } = this.shares;
    const granted = userIds.map((userId) => {
      if (this.freeSlots <= 0 || this.freeSlotsFor(userId) <= 0) return false;
      forInserts.add(userId);
      return true;
    });
    if (!granted.includes(true)) return null;
    const slots = new ReservedSlots(granted, this.attempts, () => {
      for (const [at, userId] of userIds.entries()) if (granted[at]) forInserts.take(userId);
      this.reservations.delete(slots);
      this.pumpSoon();
    });
    this.reservations.add(slots);
    return slots;
  }

  /**
   * Resolves when each of the runs has been claimed, needs no claim, or is held back for its owner's share. While no handler slot
   * is free for any owner, it does not resolve.
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

  /** Whether this process waits for doorbells: no offered run is left to claim, except those held back. */
  get isListening(): boolean {
    return this.shares.forClaims.total === 0 && !this.unowned.underWay && this.fresh === 0;
  }

  /** How many runs this process could take now, of owners below their share. */
  get room(): number {
    return this.isSwamped ? 0 : Math.max(this.shares.room - this.fresh, 0);
  }

  /** Owners of whom this process could claim no further run now. */
  get satisfied(): string[] {
    const userIds = new Set([...this.shares.userIds, ...this.offers.userIds]);
    return [...userIds].filter((userId) => this.shares.roomOf(userId) <= this.offers.of(userId));
  }

  /** Runs that wait here only for their owner's share. */
  get heldBack(): number {
    return this.offers.held;
  }

  /**
   * Takes no new run from now on, and rings again for the runs that wait here, so that other workers take them. Resolves when
   * the claims and reservations in flight have been answered. The runs that they brought have then begun like all others.
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
   * Takes the runs that may be claimed now and find a free handler slot here. A run that would have to wait for a slot goes to
   * the dispatcher, for another process may start it sooner. @returns the runs not taken
   */
  private takeLocally(rings: Ring[]): Ring[] {
    const slots = this.freeSlots;
    if (slots <= 0) return rings;
    const { taken, left } = splitLocal(rings, slots, this.claimant.aheadMs, (userId) => this.freeSlotsFor(userId));
    void this.offer(taken);
    this.pump();
    return left;
  }

  /** Free handler slots for the runs that this process rings for or inserts. */
  private get freeSlots(): number {
    return this.stopping || this.isSwamped ? 0 : this.shares.slots - this.fresh;
  }

  private freeSlotsFor(userId: string): number {
    return this.shares.slotsFor(userId) - this.offers.of(userId);
  }

  /** Offered runs that are not claimed yet, without those held back. */
  private get fresh(): number {
    return this.offers.fresh + this.unowned.waiting;
  }

  private get isSwamped(): boolean {
    return this.keeper.size - this.keeper.busy >= maxUnsettled;
  }

  /** Waits for the end of this turn of the event loop, so that one statement claims for all offers and ends of the turn. */
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
        for (const { userId } of batch) this.shares.forClaims.take(userId);
        this.pump();
      });
      this.claiming.add(claim);
    }
    if (this.shares.slots > 0) this.offers.holdBack((userId) => this.shares.roomOf(userId) === 0);
  }

  /** The next offers that their owners have room for; their handler slots are reserved. */
  private nextBatch(): Offer[] {
    const batch: Offer[] = [];
    for (const userId of this.offers.userIds) {
      const offers = this.offers.take(userId, Math.min(this.shares.roomOf(userId), maxClaim - batch.length));
      if (offers.length > 0) this.shares.forClaims.add(userId, offers.length);
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

  /** Rings for the batch again, so that other workers take it, when this worker stops before PostgreSQL answers. */
  private async insist(batch: (Unowned & { userId?: string })[], work: () => Promise<void>): Promise<void> {
    if (!(await this.persistence.until(work))) this.leave(batch);
  }

  private reserve(userId: string): (() => void) | null {
    if (this.stopping || this.isSwamped || this.shares.roomOf(userId) === 0) return null;
    this.shares.forClaims.add(userId);
    return () => {
      this.shares.forClaims.take(userId);
      this.pumpSoon();
    };
  }
}
