import { Inject, Injectable, Logger } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import { IClock } from '../../../kernel/clock.js';
import { Counts } from '../../../kernel/counts.js';
import { startDeadlineMs } from '../../domain/start-deadline.js';
import { placesFor } from '../domain/fair-share.js';
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

/** How long a claimed run that is due waits for a place, in ms, before it is handed back for others to take. */
const patienceMs = 1_000;

/** One claimed run from its claim to its settlement: hold until due and until there is a place, execute, judge, settle. */
@Injectable()
export class AttemptRunner implements WorkUnderWay {
  readonly busy = new Counts();
  private readonly logger = new Logger(AttemptRunner.name);
  private readonly idlers: (() => void)[] = [];
  private underWay = 0;
  private readonly listeners: (() => void)[] = [];
  private readonly places: HandlerSlots;
  private readonly dueTimes: DueTimes;
  private readonly databaseClock = new DatabaseClockBound();
  private crowd: NodeJS.Timeout | undefined;

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
    this.places = new HandlerSlots(placesFor(config.engine.concurrency));
    this.dueTimes = new DueTimes(clock);
  }

  /** Calls `listener` whenever a handler has ended, and again when its attempt has been settled. */
  onEnd(listener: () => void): void {
    this.listeners.push(listener);
  }

  get spare(): number {
    return this.places.spare(this.clock.monotonicMs());
  }

  spareOf(userId: string): number {
    return this.places.spareOf(userId, this.clock.monotonicMs());
  }

  get waiting(): number {
    return this.places.waiting;
  }

  waitingOf(userId: string): number {
    return this.places.waitingOf(userId);
  }

  /** @param claimedMs monotonic time before the claim was sent @param answeredMs and when its answer came */
  begin(run: ClaimedRun, claimedMs: number, answeredMs: number): void {
    const heldMs = Math.max(run.waitMs, 0);
    this.databaseClock.told(run.claimedAtMs, claimedMs, answeredMs);
    const dueMs = this.databaseClock.reaches(run.claimedAtMs + run.waitMs, answeredMs);
    const attempt = new Attempt(run, dueMs, claimedMs + heldMs + startDeadlineMs, this.logs);
    this.keeper.hold(run, attempt.abort, claimedMs, heldMs);
    this.underWay += 1;
    this.busy.add(run.userId);
    if (run.waitMs <= 0) this.queue(attempt);
    else this.dueTimes.wait(attempt.dueMs, attempt.abort, () => this.queue(attempt));
  }

  /**
   * Gives back a claim that may have been committed though its answer was lost. No attempt has begun, and none counts.
   * @returns whether it had been committed
   */
  handBack(run: ClaimedRun): Promise<boolean> {
    const outcome: Outcome = { kind: 'released', error: 'PostgreSQL did not say that it was claimed' };
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

  /** Resolves when everything under way has ended. */
  async idle(): Promise<void> {
    if (this.underWay > 0) await new Promise<void>((resolve) => this.idlers.push(resolve));
  }

  /** It is due: it starts when there is a place, or when it has been aborted by the time it is its turn. */
  private queue(attempt: Attempt): void {
    const waits = this.places.take(attempt.run.userId, attempt.abort, this.clock.monotonicMs(), (taken) => {
      attempt.hasPlace = taken;
      if (this.clock.monotonicMs() <= attempt.licensedMs) this.start(attempt);
      else void this.lateStarts.confirm(attempt.run, attempt.licensedMs, attempt.abort).then(() => this.start(attempt));
    });
    if (waits) this.crowd ??= setTimeout(() => this.disperse(), patienceMs);
  }

  /** Hands back what waits for a place in vain: it was claimed when places fell free faster. */
  private disperse(): void {
    const waits = this.places.turnAway(this.clock.monotonicMs() - patienceMs, 'crowded' satisfies UnbegunReason);
    this.crowd = waits ? setTimeout(() => this.disperse(), patienceMs) : undefined;
  }

  private start(attempt: Attempt): void {
    const { run, abort } = attempt;
    attempt.startedMs = this.clock.monotonicMs();
    // A process that was frozen wakes here before its watchdog does: nothing starts on a lease that may be another's.
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
    if (attempt.hasPlace)
      this.places.give(
        attempt.run.userId,
        attempt.endedMs,
        attempt.called ? attempt.endedMs - attempt.startedMs : null,
      );
    this.tellEnd();
    const written = attempt.written();
    if (!written) return this.settle(attempt, outcome);
    void written.then(() => {
      // An attempt ends when what it wrote is stored: its end must not read as earlier than its last line.
      attempt.endedMs = this.clock.monotonicMs();
      this.settle(attempt, outcome);
    });
  }

  private settle(attempt: Attempt, outcome: Outcome): void {
    // A lost lease belongs to whoever holds it now: saying nothing is the only right answer.
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
    this.tellEnd();
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

  private tellEnd(): void {
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
    return { kind: 'released', error: `No place fell free on the worker within ${patienceMs} ms` };
  return { kind: 'released', error: 'The worker was stopped before the handler started' };
}
