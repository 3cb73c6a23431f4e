import { Test } from '@nestjs/testing';
import type { TestingModule } from '@nestjs/testing';
import { readConfig } from '../../src/config/config.js';
import type { JobView } from '../../src/jobs/domain/job.js';
import type { JobInput } from '../../src/jobs/domain/job-input.js';
import { JobChanges } from '../../src/jobs/services/job-changes.js';
import { JobLifecycle } from '../../src/jobs/services/job-lifecycle.js';
import { JobSubmissions } from '../../src/jobs/services/job-submissions.js';
import type { JsonObject } from '../../src/kernel/json.js';
import { newId } from '../../src/kernel/ids.js';
import { WorkerId } from '../../src/runs/execution/interfaces/worker-id.js';
import { AttemptRunner } from '../../src/runs/execution/services/attempt-runner.js';
import { OwedDoorbellRinger } from '../../src/runs/dispatch/services/owed-doorbell-ringer.js';
import { LeaseKeeper } from '../../src/runs/execution/services/lease-keeper.js';
import { Recoverer } from '../../src/runs/recovery/services/recoverer.js';
import { RunQueries } from '../../src/runs/services/run-queries.js';
import { RunWorker } from '../../src/runs/execution/services/run-worker.js';
import { Triggers } from '../../src/runs/services/triggers.js';
import { Ticker } from '../../src/runs/planning/services/ticker.js';
import { planningWindow } from '../../src/runs/domain/planning-window.js';
import { officeServices, ports, workerServices } from './engine-providers.js';
import { FixedClock } from './fixed-clock.js';
import { waits } from './in-memory/database.js';
import type { RunRow } from './in-memory/database.js';
import { inMemoryGround } from './in-memory/ground.js';
import { InMemoryJobScheduler } from './in-memory/job-scheduler.js';
import { ScriptedExecutor } from './scripted-executor.js';

/** An offer, its claim, its settlement and what follows take a turn of the event loop each: memory answers within the turn. */
const turns = 4;
const quiet = async (): Promise<void> => {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/**
 * The real engine over in-memory twins, on a clock that a test turns by hand: years pass in a second, and nothing happens
 * that the test has not cranked. One owner, one worker at a time.
 */
export class HandCrankedEngine {
  readonly owner = newId();
  readonly executor = new ScriptedExecutor();
  readonly scheduler: InMemoryJobScheduler;
  private readonly ground;
  private office!: TestingModule;
  private worker!: TestingModule;

  private constructor(
    readonly clock: FixedClock,
    private readonly config: ReturnType<typeof readConfig>,
  ) {
    this.scheduler = new InMemoryJobScheduler(clock, config.engine.claimAheadMs);
    this.ground = inMemoryGround(clock, config.engine);
  }

  /** @param settings by their environment names */
  static async start(at: string, settings: Record<string, string> = {}): Promise<HandCrankedEngine> {
    const config = readConfig({
      JWT_SECRET: 'the-hand-cranked-engine-signs-nothing',
      CLAIM_AHEAD_MS: '0',
      SETTLE_REST_MS: '0',
      QUOTA_LIVE_JOBS: '0',
      QUOTA_SUBMISSIONS_PER_MINUTE: '0',
      ...settings,
    });
    const engine = new HandCrankedEngine(new FixedClock(at), config);
    engine.office = await engine.assemble(officeServices, 'office');
    engine.worker = await engine.assemble(workerServices, 'worker 1');
    return engine;
  }

  /** What owners do: cancel, pause, resume, delete. */
  get lifecycle(): JobLifecycle {
    return this.office.get(JobLifecycle);
  }

  /** @returns the new run's id */
  async trigger(id: string, payload: JsonObject | null = null): Promise<string> {
    const sender = { userId: this.owner, idempotencyKey: null };
    return (await this.office.get(Triggers).trigger(id, sender, { payload, nominalAt: null })).answer.id;
  }

  async submit(input: Partial<JobInput>): Promise<string> {
    const definition: JobInput = { name: 'Job', type: 'one_time', ...input };
    const sender = { userId: this.owner, idempotencyKey: null };
    return (await this.office.get(JobSubmissions).submit(definition, sender)).answer.id;
  }

  /** PATCH of the job's definition. */
  change(id: string, change: Partial<JobInput>): Promise<JobView> {
    return this.office.get(JobChanges).patch(id, this.owner, change, null);
  }

  cancelRun(runId: string): Promise<unknown> {
    return this.office.get(RunQueries).cancel(runId, this.owner);
  }

  async job(id: string): Promise<JobView> {
    const job = await this.ground.jobs.find(id, this.owner);
    if (!job) throw new Error(`There is no job ${id}.`);
    return job;
  }

  /** The job's runs, oldest first. */
  runs(jobId: string): Promise<RunRow[]> {
    return this.ground.database.read(({ runs }) =>
      [...runs.values()]
        .filter((run) => run.jobId === jobId)
        .sort((a, b) => a.nominalAt.getTime() - b.nominalAt.getTime()),
    );
  }

  /** The attempts of all runs of the job, oldest first. */
  async attempts(jobId: string) {
    const { data } = await this.ground.runs.executions({ jobId }, { page: 1, limit: 10_000 });
    return data.reverse();
  }

  async logs(jobId: string): Promise<string[]> {
    const { data } = await this.ground.logs.read({ jobId }, { page: 1, limit: 10_000 });
    return data.map(({ message }) => message);
  }

  /** One round of the ticker. */
  async tick(): Promise<void> {
    while (await this.office.get(Ticker).tick());
    await quiet();
  }

  /** Answers the doorbells that have rung by now, and those that ring because of them. */
  async runDue(): Promise<void> {
    for (let calls = this.scheduler.takeCalls(); calls.length > 0; calls = this.scheduler.takeCalls()) {
      for (const runs of calls) void this.worker.get(RunWorker).offer(runs);
      await quiet();
    }
  }

  /** One round of everything that runs in the background. */
  async crank(): Promise<void> {
    await this.tick();
    await this.office
      .get(OwedDoorbellRinger)
      .ring()
      .catch(() => undefined);
    await this.worker.get(LeaseKeeper).renew();
    this.worker.get(LeaseKeeper).dropUnsure();
    await quiet();
    await this.office.get(Recoverer).recover();
    await quiet();
    await this.runDue();
  }

  /** Lets time pass, cranking at each instant at which something is to be done. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.clock.ms + ms;
    await this.crank();
    for (let nextMs = await this.nextMs(); nextMs <= untilMs; nextMs = await this.nextMs()) {
      this.clock.advance(nextMs - this.clock.ms);
      await this.crank();
    }
    this.clock.advance(untilMs - this.clock.ms);
    await this.crank();
  }

  /** The worker is gone as after a kill -9; another takes its place. What it held, it still believes to hold. */
  async loseWorker(): Promise<TestingModule> {
    const lost = this.worker;
    this.worker = await this.assemble(workerServices, `worker after ${lost.get<string>(WorkerId)}`);
    return lost;
  }

  /** The worker is told to stop and hands back what it holds; another takes its place. */
  async replaceWorker(): Promise<void> {
    const leaving = await this.loseWorker();
    await leaving.get(RunWorker).stopTaking();
    leaving.get(LeaseKeeper).abortAll('stopping');
    await leaving.get(AttemptRunner).idle();
    await quiet();
  }

  /** The next instant after now at which a duty has something to do, in ms since the epoch. */
  private nextMs(): Promise<number> {
    const { leaseMs } = this.config.engine;
    const { withinMs, urgentMs } = planningWindow(this.config.engine);
    return this.ground.database.read(({ jobs, runs }) => {
      let next = this.scheduler.nextMs;
      const consider = (ms: number): void => {
        if (ms > this.clock.ms && ms < next) next = ms;
      };
      for (const { status, nextRunAt, pausedUntil } of jobs.values()) {
        if (status === 'pending' && nextRunAt)
          for (const aheadMs of [withinMs, urgentMs]) consider(nextRunAt.getTime() - aheadMs);
        if (status === 'paused' && pausedUntil) consider(pausedUntil.getTime());
      }
      for (const run of runs.values()) {
        if (waits(run)) consider(run.ringAt.getTime());
        if (run.state !== 'running' || !run.leaseUntil) continue;
        consider(run.leaseUntil.getTime() - leaseMs / 2);
        consider(run.leaseUntil.getTime() + 1);
      }
      return next;
    });
  }

  private async assemble(services: typeof officeServices, workerId: string): Promise<TestingModule> {
    const module = await Test.createTestingModule({
      providers: [
        ...services,
        ...ports(this.ground, this.clock, this.config, this.scheduler, this.executor),
        { provide: WorkerId, useValue: workerId },
      ],
    }).compile();
    module.useLogger(false);
    return module;
  }
}
