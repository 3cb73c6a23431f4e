import { Inject, Injectable, Logger } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import { Batches } from '../../../kernel/batches.js';
import { IClock } from '../../../kernel/clock.js';
import type { SettledRun, Settlement } from '../domain/settlement.js';
import { IRunLeases } from '../interfaces/run-leases.js';
import { SettlementFollowUp } from './settlement-follow-up.js';

interface Waiting {
  make: () => Settlement;
  /** Monotonic time that its "so long ago" counts from. */
  asOfMs: number;
  done: (settled: SettledRun | null) => void;
}

interface Pending {
  settlement: Settlement;
  asOfMs: number;
}

const limits = { maxItems: 500, maxInFlight: 2 };
const firstPauseMs = 50;
const longestPauseMs = 2_000;

/**
 * Group commit of settlements: one statement for each batch, two at most under way. A settlement that cannot be committed
 * is tried again until it can, however long PostgreSQL is away: its token decides then whether it still counts.
 */
@Injectable()
export class Settler {
  private readonly logger = new Logger(Settler.name);
  private readonly batches: Batches<Waiting>;
  private stopped = false;

  constructor(
    @Inject(IRunLeases) private readonly leases: IRunLeases,
    @Inject(IClock) private readonly clock: IClock,
    private readonly after: SettlementFollowUp,
    @Inject(Config) { engine }: Config,
  ) {
    // Ten cost little more than one, and no start waits for them: a place is free when its handler has ended.
    this.batches = new Batches({ ...limits, pauseMs: engine.settleRestMs }, (batch) => this.commit(batch));
  }

  /**
   * @param make what is to be settled; called once, when it is sent: what starts meanwhile does not wait for it
   * @param asOfMs monotonic time that the settlement's "so long ago" counts from
   * @param done told what was committed; null when the run had been taken over meanwhile and nothing was changed
   */
  settle(make: () => Settlement, asOfMs: number, done: (settled: SettledRun | null) => void): void {
    this.batches.add({ make, asOfMs, done });
  }

  /** What is under way is tried once more at most. Call it when the time to stop has run out. */
  giveUp(): void {
    this.stopped = true;
  }

  private async commit(batch: Waiting[]): Promise<void> {
    const pending = batch.map(({ make, asOfMs }) => ({ settlement: make(), asOfMs }));
    const settled = await this.insist(pending);
    const byRun = new Map(settled.map((run) => [run.runId, run]));
    this.after.follow(
      settled,
      pending.map(({ settlement }) => settlement),
    );
    for (const [at, { settlement }] of pending.entries()) batch[at]!.done(byRun.get(settlement.runId) ?? null);
  }

  /** The compare-and-set makes a repetition harmless, also of a commit whose answer was lost. */
  private async insist(batch: Pending[]): Promise<SettledRun[]> {
    for (let pauseMs = firstPauseMs, tries = 1; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs), tries += 1) {
      try {
        this.age(batch);
        const settled = await this.leases.settle(batch.map(({ settlement }) => settlement));
        return tries === 1 ? settled : [...settled, ...(await this.settledByEarlierTries(batch, settled))];
      } catch (error) {
        if (tries === 1) this.logger.warn(`Could not settle ${batch.length} runs, trying again: ${String(error)}`);
        if (this.stopped) return [];
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  }

  /** A try whose answer was lost may have been committed: what it settled was not taken over. */
  private settledByEarlierTries(batch: Pending[], settled: SettledRun[]): Promise<SettledRun[]> | SettledRun[] {
    const answered = new Set(settled.map(({ runId }) => runId));
    const open = batch.map(({ settlement }) => settlement).filter(({ runId }) => !answered.has(runId));
    return open.length === 0 ? [] : this.leases.committed(open);
  }

  /** Starts and ends are told as "so long ago": what waited here, perhaps through an outage, is longer ago. */
  private age(batch: Pending[]): void {
    const nowMs = this.clock.monotonicMs();
    for (const pending of batch) {
      const waitedMs = nowMs - pending.asOfMs;
      const { execution } = pending.settlement;
      if (execution.startedAgoMs !== null) execution.startedAgoMs += waitedMs;
      execution.endedAgoMs += waitedMs;
      pending.asOfMs = nowMs;
    }
  }
}
