import { Inject, Injectable, Logger } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { Abort } from '../../kernel/abort.js';
import { IClock } from '../../kernel/clock.js';
import { beginWithinMs } from '../domain/beginning.js';
import type { ClaimedRun } from '../domain/claimed-run.js';
import type { Outcome } from '../domain/outcome.js';
import { hasBegun } from '../domain/settlement.js';
import type { SettledRun } from '../domain/settlement.js';
import { IJobExecutor } from '../interfaces/job-executor.js';
import { IRunMetrics } from '../interfaces/run-metrics.js';
import { WorkerId } from '../interfaces/worker-id.js';
import { LateStarts } from './late-starts.js';
import { LeaseKeeper } from './lease-keeper.js';
import { Places } from './places.js';
import type { StopReason } from './lease-keeper.js';
import { RunLogs } from './run-logs.js';
import type { RunLog } from './run-logs.js';
import { settlementOf } from './settlement-of.js';
import { Settler } from './settler.js';
import { waitUntil } from './wait-until.js';

/** Why an attempt ends before its handler is called. */
type UnbegunReason = StopReason | 'crowded';

/** How long a claimed run that is due waits for a place, in ms, before it is handed back for others to take. */
const patienceMs = 1_000;

/** One claimed run from its claim to its settlement: hold until due and until there is a place, execute, judge, settle. */
@Injectable()
export class AttemptRunner {
  private readonly logger = new Logger(AttemptRunner.name);
  private readonly idlers: (() => void)[] = [];
  private underWay = 0;
  private readonly listeners: (() => void)[] = [];
  private readonly places: Places;
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
    private readonly lateStarts: LateStarts,
  ) {
    this.places = new Places(config.engine.concurrency);
  }

  /** Calls `listener` whenever a handler has ended, and again when its attempt has been settled. */
  onEnd(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Runs that may be claimed now beyond those at work, so that a place that falls free is taken at once. */
  get spare(): number {
    return this.places.spare(this.clock.monotonicMs());
  }

  /** @param claimedMs monotonic time before the claim was sent */
  begin(run: ClaimedRun, claimedMs: number): void {
    const abort = new Abort();
    const heldMs = Math.max(run.waitMs, 0);
    this.keeper.hold(run, abort, claimedMs, heldMs);
    const times = { dueMs: this.clock.monotonicMs() + run.waitMs, licensedMs: claimedMs + heldMs + beginWithinMs };
    this.underWay += 1;
    void this.attempt(run, times, abort).finally(() => this.ended());
  }

  /** Resolves when everything under way has ended. */
  async idle(): Promise<void> {
    if (this.underWay > 0) await new Promise<void>((resolve) => this.idlers.push(resolve));
  }

  private ended(): void {
    this.underWay -= 1;
    if (this.underWay === 0) for (const resolve of this.idlers.splice(0)) resolve();
  }

  /** @param times monotonic: when the attempt is due, and up to when its claim alone lets it begin */
  private async attempt(
    run: ClaimedRun,
    { dueMs, licensedMs }: { dueMs: number; licensedMs: number },
    abort: Abort,
  ): Promise<void> {
    if (run.waitMs > 0) await waitUntil(this.clock, dueMs, abort);
    const place = this.places.take(abort, this.clock.monotonicMs());
    const hasPlace = typeof place === 'boolean' ? place : await this.inTurn(place);
    if (this.clock.monotonicMs() > licensedMs) await this.lateStarts.confirm(run, licensedMs, abort);
    // A process that was frozen wakes here before its watchdog does: nothing starts on a lease that may be another's.
    this.keeper.doubt(run);
    const startedMs = this.clock.monotonicMs();
    const log = this.logs.open(run);
    const { reason } = abort;
    if (reason === undefined) this.metrics.started(startedMs - dueMs);
    const outcome = reason === undefined ? await this.execute(run, abort, log) : outcomeOfStop(reason as UnbegunReason);
    this.keeper.ended(run);
    if (hasPlace) {
      const nowMs = this.clock.monotonicMs();
      this.places.give(nowMs, reason === undefined ? nowMs - startedMs : null);
    }
    this.tellEnd();
    // An attempt ends when what it wrote is stored: its end must not read as earlier than its last line.
    if (log.isWritten) await log.flush();
    const endedMs = this.clock.monotonicMs();
    // A lost lease belongs to whoever holds it now: saying nothing is the only right answer.
    const settled = outcome.kind === 'lost' ? null : await this.settle(run, outcome, startedMs, endedMs);
    this.keeper.release(run);
    this.tellEnd();
    if (settled && !hasBegun(outcome)) this.metrics.endedUnbegun(settled.state, run.trigger);
    else if (settled)
      this.metrics.settled({
        status: outcome.kind,
        durationMs: endedMs - startedMs,
        state: settled.state,
        trigger: run.trigger,
      });
    else await this.noteFenced(run, outcome);
  }

  private inTurn(place: Promise<boolean>): Promise<boolean> {
    this.crowd ??= setTimeout(() => this.disperse(), patienceMs);
    return place;
  }

  /** Hands back what waits for a place in vain: it was claimed when places fell free faster. */
  private disperse(): void {
    const waits = this.places.turnAway(this.clock.monotonicMs() - patienceMs, 'crowded' satisfies UnbegunReason);
    this.crowd = waits ? setTimeout(() => this.disperse(), patienceMs) : undefined;
  }

  private tellEnd(): void {
    for (const listener of this.listeners) listener();
  }

  private execute(run: ClaimedRun, abort: Abort, log: RunLog): Promise<Outcome> {
    return this.executor.execute(run, {
      abort,
      log: (message, level) => log.write(message, level),
      progress: (percent, note) => log.progress(percent, note),
    });
  }

  private settle(run: ClaimedRun, outcome: Outcome, startedMs: number, endedMs: number): Promise<SettledRun | null> {
    const nowMs = this.clock.monotonicMs();
    return this.settler.settle(
      settlementOf(run, outcome, this.config, this.executor.lostPolicy(run.handler), {
        startedAgoMs: nowMs - startedMs,
        endedAgoMs: nowMs - endedMs,
      }),
    );
  }

  private async noteFenced(run: ClaimedRun, outcome: Outcome): Promise<void> {
    this.metrics.fenced();
    this.logger.warn(`Run ${run.runId} was taken over: the outcome of attempt ${run.attempt} is not counted`);
    await this.logs.note(
      run,
      `Attempt ${run.attempt} on ${this.workerId} came back late (${outcome.kind}); not counted`,
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
