import { Inject, Injectable, Logger } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import { Batches } from '../../../kernel/batches.js';
import { IClock } from '../../../kernel/clock.js';
import type { SettledRun, Settlement } from '../domain/settlement.js';
import { IRunLeases } from '../interfaces/run-leases.js';
import { SettlementFollowUp } from './settlement-follow-up.js';

interface Waiting {
  make: () => Settlement;
  /** Monotonic time from which the settlement's `…AgoMs` are measured. */
  asOfMs: number;
  done: (settled: SettledRun | null) => void;
}

interface Pending {
  settlement: Settlement;
  asOfMs: number;
}

const limits = { maxItems: 500, maxInFlight: 2 };
const firstPauseMs = 50;
const maxPauseMs = 2_000;

/**
 * Commits settlements in groups: one statement for each batch, at most two in flight. A settlement that cannot be committed is
 * tried again, however long PostgreSQL is away. Its lease token then decides whether it still counts.
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
    // Ten settlements cost little more than one, and no start waits for them: a handler slot is free when its handler has ended.
    this.batches = new Batches({ ...limits, pauseMs: engine.settleRestMs }, (batch) => this.commit(batch));
  }

  /**
   * @param make builds the settlement; called once, when the batch is sent, so that building delays no start
   * @param asOfMs monotonic time from which the settlement's `…AgoMs` are measured
   * @param done called with what was committed; null: another worker had taken the run over, and nothing was changed
   */
  settle(make: () => Settlement, asOfMs: number, done: (settled: SettledRun | null) => void): void {
    this.batches.add({ make, asOfMs, done });
  }

  /** Settlements in flight are tried at most once more. Call it when the time to stop has run out. */
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

  /** The compare-and-set makes a repetition harmless, even that of a commit whose answer was lost. */
  private async insist(batch: Pending[]): Promise<SettledRun[]> {
    for (let pauseMs = firstPauseMs, tries = 1; ; pauseMs = Math.min(pauseMs * 2, maxPauseMs), tries += 1) {
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

  /** Settlements that an earlier try committed although its answer was lost: their runs were not taken over. */
  private settledByEarlierTries(batch: Pending[], settled: SettledRun[]): Promise<SettledRun[]> | SettledRun[] {
    const answered = new Set(settled.map(({ runId }) => runId));
    const open = batch.map(({ settlement }) => settlement).filter(({ runId }) => !answered.has(runId));
    return open.length === 0 ? [] : this.leases.committed(open);
  }

  /** Adds the time that settlements have waited here, perhaps through an outage, to their `startedAgoMs` and `endedAgoMs`. */
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
