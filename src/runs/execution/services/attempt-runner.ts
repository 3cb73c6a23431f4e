import { Inject, Injectable, Logger } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import { IClock } from '../../../kernel/clock.js';
import { Counts } from '../../../kernel/counts.js';
import { startDeadlineMs } from '../../domain/start-deadline.js';
import { slotsFor } from '../domain/fair-share.js';
import type { ClaimedRun } from '../../domain/claimed-run.js';
import type { Outcome } from '../../domain/outcome.js';
import { hasBegun } from '../domain/settlement.js';
import type { SettledRun, Settlement } from '../domain/settlement.js';
import { IJobExecutor } from '../interfaces/job-executor.js';
import { IRunMetrics } from '../../interfaces/run-metrics.js';
import { WorkerId } from '../interfaces/worker-id.js';
import { shownWorker } from '../../domain/shown-worker.js';
import { Attempt } from './attempt.js';
import { DatabaseClockBound } from './database-clock-bound.js';
import { DueTimes } from './due-timers.js';
import { LateStartCheck } from './late-start-check.js';
import { LeaseKeeper } from './lease-keeper.js';
import { HandlerSlots } from './handler-slots.js';
import type { StopReason } from './lease-keeper.js';
import { RunLogs } from './run-logs.js';
import { buildSettlement } from './build-settlement.js';
import { Settler } from './settler.js';
import type { WorkUnderWay } from './shares.js';

/** Why an attempt ends before its handler is called. */
type UnbegunReason = StopReason | 'crowded';

/** How long a claimed run that is due waits for a handler slot, in ms, before it is handed back for other workers to take. */
const maxSlotWaitMs = 1_000;

/** Takes each claimed run to its settlement: holds it until it is due and has a handler slot, executes, judges and settles it. */
@Injectable()
export class AttemptRunner implements WorkUnderWay {
  readonly busy = new Counts();
  private readonly logger = new Logger(AttemptRunner.name);
  private readonly idlers: (() => void)[] = [];
  private underWay = 0;
  private readonly listeners: (() => void)[] = [];
  private readonly slots: HandlerSlots;
  private readonly dueTimes: DueTimes;
  private readonly databaseClock = new DatabaseClockBound();
  private slotWaitTimer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(IJobExecutor) private readonly executor: IJobExecutor,
    @Inject(IClock) private readonly clock: IClock,
    @Inject(Config) private readonly config: Config,
    @Inject(WorkerId) private readonly workerId: WorkerId,
    @Inject(IRunMetrics) private readonly metrics: IRunMetrics,
    private readonly keeper: LeaseKeeper,
    private readonly settler: Settler,
    private readonly logs: RunLogs,
    private readonly lateStarts: LateStartCheck,
  ) {
    this.slots = new HandlerSlots(slotsFor(config.engine.concurrency));
    this.dueTimes = new DueTimes(clock);
  }

  /** Calls `listener` each time a handler ends, and again when its attempt has been settled. */
  onEnd(listener: () => void): void {
    this.listeners.push(listener);
  }

  get spare(): number {
    return this.slots.spare(this.clock.monotonicMs());
  }

  spareOf(userId: string): number {
    return this.slots.spareOf(userId, this.clock.monotonicMs());
  }

  get waiting(): number {
    return this.slots.waiting;
  }

  waitingOf(userId: string): number {
    return this.slots.waitingOf(userId);
  }

  /** @param claimedMs monotonic time before the claim was sent @param answeredMs monotonic time of its answer */
  begin(run: ClaimedRun, claimedMs: number, answeredMs: number): void {
    const heldMs = Math.max(run.waitMs, 0);
    this.databaseClock.learn(run.claimedAtMs, claimedMs, answeredMs);
    const dueMs = this.databaseClock.reaches(run.claimedAtMs + run.waitMs, answeredMs);
    const attempt = new Attempt(run, dueMs, claimedMs + heldMs + startDeadlineMs, this.logs);
    this.keeper.hold(run, attempt.abort, claimedMs, heldMs);
    this.underWay += 1;
    this.busy.add(run.userId);
    if (run.waitMs <= 0) this.queue(attempt);
    else this.dueTimes.wait(attempt.dueMs, attempt.abort, () => this.queue(attempt));
  }

  /**
   * Hands back a run whose claim may have been committed although its answer was lost. No attempt has begun, and none counts.
   * @returns whether the claim had been committed
   */
  handBack(run: ClaimedRun): Promise<boolean> {
    const outcome: Outcome = { kind: 'released', error: 'PostgreSQL did not confirm the claim' };
    const times = { startedAgoMs: null, endedAgoMs: 0 };
    const lostPolicy = this.executor.lostPolicy(run.handler);
    return new Promise((resolve) => {
      this.settler.settle(
        () => buildSettlement(run, outcome, this.config, lostPolicy, times),
        this.clock.monotonicMs(),
        (settled) => resolve(settled !== null),
      );
    });
  }

  /** Resolves when all attempts have ended. */
  async idle(): Promise<void> {
    if (this.underWay > 0) await new Promise<void>((resolve) => this.idlers.push(resolve));
  }

  /** Starts a due attempt when it gets a handler slot. An aborted one needs no slot: its start ends it at once. */
  private queue(attempt: Attempt): void {
    const waits = this.slots.take(attempt.run.userId, attempt.abort, this.clock.monotonicMs(), (taken) => {
      attempt.hasSlot = taken;
      if (this.clock.monotonicMs() <= attempt.confirmAfterMs) this.start(attempt);
      else
        void this.lateStarts
          .confirm(attempt.run, attempt.confirmAfterMs, attempt.abort)
          .then(() => this.start(attempt));
    });
    if (waits) this.slotWaitTimer ??= setTimeout(() => this.handBackWaiting(), maxSlotWaitMs);
  }

  /** Hands back the runs that have waited for a handler slot in vain: they were claimed when slots became free faster. */
  private handBackWaiting(): void {
    const waits = this.slots.turnAway(this.clock.monotonicMs() - maxSlotWaitMs, 'crowded' satisfies UnbegunReason);
    this.slotWaitTimer = waits ? setTimeout(() => this.handBackWaiting(), maxSlotWaitMs) : undefined;
  }

  private start(attempt: Attempt): void {
    const { run, abort } = attempt;
    attempt.startedMs = this.clock.monotonicMs();
    // A frozen process may wake here before its watchdog does: no attempt starts on a lease that another worker may have.
    this.keeper.giveUpIfUntrusted(run, attempt.startedMs);
    if (abort.reason !== undefined) return this.end(attempt, outcomeOfStop(abort.reason as UnbegunReason));
    attempt.called = true;
    this.metrics.started(attempt.startedMs - attempt.dueMs);
    void this.executor.execute(run, attempt).then((outcome) => this.end(attempt, outcome));
  }

  private end(attempt: Attempt, outcome: Outcome): void {
    attempt.endedMs = this.clock.monotonicMs();
    this.keeper.ended(attempt.run);
    this.busy.take(attempt.run.userId);
    if (attempt.hasSlot)
      this.slots.give(attempt.run.userId, attempt.endedMs, attempt.called ? attempt.endedMs - attempt.startedMs : null);
    this.notifyEnd();
    const written = attempt.written();
    if (!written) return this.settle(attempt, outcome);
    void written.then(() => {
      // An attempt ends when its log lines are stored: its end must not be earlier than its last line.
      attempt.endedMs = this.clock.monotonicMs();
      this.settle(attempt, outcome);
    });
  }

  private settle(attempt: Attempt, outcome: Outcome): void {
    // Another worker may hold the run now: an attempt whose lease is lost settles nothing.
    if (outcome.kind === 'lost') return this.settled(attempt, outcome, null);
    this.settler.settle(
      () => this.buildSettlement(attempt, outcome),
      attempt.endedMs,
      (settled) => this.settled(attempt, outcome, settled),
    );
  }

  private buildSettlement({ run, startedMs, endedMs }: Attempt, outcome: Outcome): Settlement {
    return buildSettlement(run, outcome, this.config, this.executor.lostPolicy(run.handler), {
      startedAgoMs: endedMs - startedMs,
      endedAgoMs: 0,
    });
  }

  private settled(attempt: Attempt, outcome: Outcome, settled: SettledRun | null): void {
    const { run, startedMs, endedMs } = attempt;
    this.keeper.release(run);
    this.notifyEnd();
    if (!settled) return void this.noteFenced(run, outcome).finally(() => this.ended());
    const { state } = settled;
    if (hasBegun(outcome))
      this.metrics.settled({ status: outcome.kind, durationMs: endedMs - startedMs, state, trigger: run.trigger });
    else this.metrics.endedUnbegun(state, run.trigger);
    this.ended();
  }

  private ended(): void {
    this.underWay -= 1;
    if (this.underWay === 0) for (const resolve of this.idlers.splice(0)) resolve();
  }

  private notifyEnd(): void {
    for (const listener of this.listeners) listener();
  }

  private async noteFenced(run: ClaimedRun, outcome: Outcome): Promise<void> {
    this.metrics.fenced();
    this.logger.warn(`Run ${run.runId} was taken over: the outcome of attempt ${run.attempt} is not counted`);
    await this.logs.note(
      run,
      `Attempt ${run.attempt} on ${shownWorker(this.workerId)} came back late (${outcome.kind}); not counted`,
    );
  }
}

function outcomeOfStop(reason: UnbegunReason): Outcome {
  if (reason === 'cancelled') return { kind: 'cancelled', error: 'Cancelled before the handler started', begun: false };
  if (reason === 'lost') return { kind: 'lost', error: 'The lease ran out before the handler started' };
  if (reason === 'crowded')
    return { kind: 'released', error: `No handler slot of the worker became free within ${maxSlotWaitMs} ms` };
  return { kind: 'released', error: 'The worker was stopped before the handler started' };
}
