import { Inject, Injectable } from '@nestjs/common';
import type { Job } from '../../../jobs/domain/job.js';
import { IClock } from '../../../kernel/clock.js';
import { DomainError } from '../../../kernel/errors.js';
import type { Transaction } from '../../../kernel/transaction.js';
import { claimedAtInsert } from '../../domain/claimed-run.js';
import type { ClaimedRun } from '../../domain/claimed-run.js';
import { ownedRings } from '../domain/doorbell.js';
import type { Ring } from '../../domain/ring.js';
import type { NewRun } from '../../domain/run.js';
import type { Claimant } from '../../domain/claimed-run.js';
import { IRunMetrics } from '../../interfaces/run-metrics.js';
import { IRunRepository } from '../../interfaces/run-repository.js';
import type { InsertedRun } from '../../interfaces/run-repository.js';
import { DoorbellDispatcher } from './doorbell-dispatcher.js';

/** Handler slots that a worker keeps for runs that are about to be born as claimed by it. One of its methods is called, once. */
export interface SlotReservation {
  /** For which of the runs that they were asked for, by their order. */
  readonly granted: boolean[];
  /** These have been committed and begin. @param sentMs monotonic time before they were sent @param answeredMs and of the answer */
  begin(runs: ClaimedRun[], sentMs: number, answeredMs: number): void;
  /** Nobody knows whether these have been committed: those that have been are handed back. Never fails. */
  disown(runs: ClaimedRun[]): void;
}

/** The worker of this process, as those see it who plan runs here. */
export interface LocalWorker {
  readonly claimant: Claimant;
  /** @param userIds whose runs they are for, one for each run @returns places for all of them, or for some; null: for none */
  reserveSlots(userIds: string[]): SlotReservation | null;
}

/** New jobs with the runs that they need now. */
export interface NewPlan {
  jobs: Job[];
  runs: NewRun[];
  /** As `IRunRepository.insert` takes it. */
  ifAbsent: boolean;
}

type Write = (tx: Transaction) => Promise<void>;
type Commit<T> = (write: Write) => Promise<T>;

/**
 * Starts new jobs where they are planned: a run that is due and finds a place in this process is inserted as claimed by it, and
 * begins with the commit. All others are rung for.
 */
@Injectable()
export class DirectStarts {
  private worker: LocalWorker | undefined;

  constructor(
    @Inject(IRunRepository) private readonly runs: IRunRepository,
    @Inject(IClock) private readonly clock: IClock,
    @Inject(IRunMetrics) private readonly metrics: IRunMetrics,
    private readonly dispatcher: DoorbellDispatcher,
  ) {}

  /** From now on, what is planned here may be claimed by `worker`. */
  useLocalWorker(worker: LocalWorker): void {
    this.worker = worker;
  }

  /**
   * @param now the database's clock, or what it read shortly before
   * @param commit resolves once the transaction has committed in which it calls `write`; each further try calls it again
   * @returns what `commit` resolves to; rejects as it does
   */
  plan<T>(plan: NewPlan, now: Date, commit: Commit<T>): Promise<T> {
    const { worker } = this;
    if (!worker) return this.ringFor(plan, commit);
    const untilMs = now.getTime() + worker.claimant.aheadMs;
    const due = plan.runs.filter(({ gated, final, dueAt }) => !gated && !final && dueAt.getTime() <= untilMs);
    if (due.length === 0) return this.ringFor(plan, commit);
    const userOf = new Map(plan.jobs.map(({ id, userId }) => [id, userId]));
    const places = worker.reserveSlots(due.map(({ jobId }) => userOf.get(jobId)!));
    return places ? this.claimOnInsert(plan, due, worker.claimant, places, commit) : this.ringFor(plan, commit);
  }

  private async claimOnInsert<T>(
    { jobs, runs, ifAbsent }: NewPlan,
    due: NewRun[],
    claimant: Claimant,
    places: SlotReservation,
    commit: Commit<T>,
  ): Promise<T> {
    const chosen = new Map(due.filter((_, at) => places.granted[at]).map((run) => [run.id, run]));
    const jobById = new Map(jobs.map((job) => [job.id, job]));
    const claimedOf = (run: NewRun, claimedAtMs: number): ClaimedRun =>
      claimedAtInsert(jobById.get(run.jobId)!, run, claimedAtMs);
    const sentMs = this.clock.monotonicMs();
    let born: InsertedRun[] = [];
    const written: Write = async (tx) => {
      born = await this.runs.insertClaimed(tx, runs, { claimant, runIds: new Set(chosen.keys()) }, ifAbsent);
    };
    const result = await commit(written).catch((error: unknown) => {
      // What was refused is not there; of all else nobody can know.
      if (error instanceof DomainError) places.begin([], sentMs, sentMs);
      else places.disown([...chosen.values()].map((run) => claimedOf(run, run.dueAt.getTime())));
      throw error;
    });
    const answeredMs = this.clock.monotonicMs();
    const claimed = born.flatMap(({ runId, claimedAtMs }) =>
      claimedAtMs === null ? [] : [claimedOf(chosen.get(runId)!, claimedAtMs)],
    );
    this.metrics.rung(claimed.length);
    places.begin(claimed, sentMs, answeredMs);
    const waiting = born.filter(({ claimedAtMs }) => claimedAtMs === null);
    this.dispatcher.ringLater(ownedRings(waiting, runs, jobs));
    return result;
  }

  private async ringFor<T>({ jobs, runs, ifAbsent }: NewPlan, commit: Commit<T>): Promise<T> {
    let rings: Ring[] = [];
    const result = await commit(async (tx) => {
      rings = await this.runs.insert(tx, runs, ifAbsent);
    });
    this.dispatcher.ringLater(ownedRings(rings, runs, jobs));
    return result;
  }
}
