import { Inject, Injectable, Logger } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { CalendarChanges } from '../calendars/services/calendar-changes.js';
import { Config } from '../config/config.js';
import type { Role } from '../config/config.js';
import { JobSuspensions } from '../jobs/services/job-suspensions.js';
import { within } from '../kernel/within.js';
import { IWorkerNudges } from './interfaces/worker-nudges.js';
import { WorkerId } from './execution/interfaces/worker-id.js';
import { HealthChecks } from '../kernel/health.js';
import { DoorbellProcessor } from './execution/processors/doorbell.processor.js';
import { AttemptRunner } from './execution/services/attempt-runner.js';
import { OwedDoorbellRinger } from './dispatch/services/owed-doorbell-ringer.js';
import { InvariantChecker } from './ledger/services/invariant-checker.js';
import { Duty } from '../kernel/duty.js';
import { LeaseKeeper } from './execution/services/lease-keeper.js';
import { Backfiller } from './backfills/services/backfiller.js';
import { LedgerChecker } from './ledger/services/ledger-checker.js';
import { Recoverer } from './recovery/services/recoverer.js';
import { DueRunPoller } from './recovery/services/due-run-poller.js';
import { RunWorker } from './execution/services/run-worker.js';
import { Settler } from './execution/services/settler.js';
import { Ticker } from './planning/services/ticker.js';

/** Time that the rounds of duties get to end, in ms; what they leave undone, others do. */
const dutyGraceMs = 1_000;
/** Time that settlements get after the last handler has been told to stop, in ms. */
const settleGraceMs = 1_500;
/** Time that claims under way get to be answered, in ms: a database that is away must not hold up the stop. */
const longestClaimMs = 500;

/** Pause between two looks at what watches over all jobs, in ms. */
const watchIntervalMs = 30_000;

/** Starts the duties of this process's roles, and stops them in the order that loses nothing (guarantee 8). */
@Injectable()
export class Engine implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Engine.name);
  private readonly duties: Duty[] = [];

  constructor(
    @Inject(Config) private readonly config: Config,
    @Inject(HealthChecks) private readonly health: HealthChecks,
    @Inject(IWorkerNudges) private readonly nudges: IWorkerNudges,
    @Inject(WorkerId) private readonly workerId: WorkerId,
    private readonly ticker: Ticker,
    private readonly owedDoorbellRinger: OwedDoorbellRinger,
    private readonly recoverer: Recoverer,
    private readonly auditor: LedgerChecker,
    private readonly invariantChecker: InvariantChecker,
    private readonly backfiller: Backfiller,
    private readonly calendars: CalendarChanges,
    private readonly redisWatch: DueRunPoller,
    private readonly worker: RunWorker,
    private readonly attempts: AttemptRunner,
    private readonly keeper: LeaseKeeper,
    private readonly settler: Settler,
    private readonly doorbells: DoorbellProcessor,
    private readonly suspensions: JobSuspensions,
  ) {}

  onApplicationBootstrap(): void {
    this.health.register('schedules', () => this.auditor.health());
    this.health.register('audit', () => this.invariantChecker.health());
    const auditLookMs = Math.min(this.config.ledger.auditIntervalMs, watchIntervalMs);
    const { tickIntervalMs, recoveryIntervalMs, redisSilenceMs } = this.config.engine;
    if (this.plays('ticker'))
      this.duties.push(
        new Duty('Ticker', tickIntervalMs, () => this.ticker.tick()),
        new Duty('OwedDoorbellRinger', tickIntervalMs, () => this.owedDoorbellRinger.ring()),
        new Duty('Suspensions', recoveryIntervalMs, () => this.suspensions.align()),
        new Duty('Recoverer', recoveryIntervalMs, () => this.recoverer.recover()),
        new Duty('CalendarChanges', Math.min(tickIntervalMs, 200), () => this.calendars.round()),
        new Duty('Backfiller', Math.min(tickIntervalMs, 200), () => this.backfiller.feed()),
        new Duty('Watchdog', watchIntervalMs, () => this.auditor.watch()),
        new Duty('LedgerChecker', auditLookMs, () => this.auditor.auditWhenDue()),
        new Duty('InvariantChecker', auditLookMs, () => this.invariantChecker.auditWhenDue()),
      );
    if (this.plays('worker')) {
      this.duties.push(new Duty('DueRunPoller', Math.min(redisSilenceMs / 4, 500), () => this.redisWatch.look()));
      // By its last part users name the worker.
      this.logger.log(`Working as ${this.workerId}`);
      this.keeper.start();
      this.nudges.onNudge(() => this.keeper.renewSoon());
      this.worker.startTaking();
      this.doorbells.listen();
    }
    for (const duty of this.duties) duty.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.auditor.stop();
    this.invariantChecker.stop();
    await within(dutyGraceMs, Promise.all(this.duties.map((duty) => duty.stop())));
    if (this.plays('worker')) await this.stopWorking();
  }

  private async stopWorking(): Promise<void> {
    await Promise.all([
      within(longestClaimMs, this.worker.stopTaking()),
      within(1_000, this.doorbells.stopListening()),
    ]);
    const { stopGraceMs } = this.config.engine;
    if (this.keeper.size > 0)
      this.logger.log(`Waiting up to ${stopGraceMs} ms for ${this.keeper.size} running handlers`);
    if (!(await within(stopGraceMs, this.attempts.idle()))) {
      this.logger.warn(`Handing back ${this.keeper.size} runs that did not end in time`);
      this.keeper.abortAll('stopping');
      await within(settleGraceMs, this.attempts.idle());
    }
    this.settler.giveUp();
    await this.keeper.stop();
  }

  private plays(role: Role): boolean {
    return this.config.roles.includes(role);
  }
}
