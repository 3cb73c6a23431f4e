import { Inject, Injectable, Logger } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import { accountDisabled } from '../../../jobs/domain/job.js';
import type { Job } from '../../../jobs/domain/job.js';
import { IJobPlans } from '../../../jobs/interfaces/job-repository.js';
import { IRunPlanner } from '../../../jobs/interfaces/run-planner.js';
import type { PlannedRings } from '../../../jobs/interfaces/run-planner.js';
import { IClock } from '../../../kernel/clock.js';
import { ITransactionRunner } from '../../../kernel/transaction.js';
import type { Transaction } from '../../../kernel/transaction.js';
import { ScheduleError } from '../domain/plan.js';
import { IRunMetrics } from '../../interfaces/run-metrics.js';
import { IRunRepository } from '../../interfaces/run-repository.js';
import { DoorbellDispatcher } from '../../dispatch/services/doorbell-dispatcher.js';
import { planningWindow } from '../../domain/planning-window.js';

/** Most calendars whose days one transaction has in hand; the jobs that name more are planned by the next. */
const calendarsPerPlan = 100;
/** Most jobs that are planned in one transaction: it holds their locks, and a run cannot start while its job is locked. */
const jobsPerPlan = 100;

/**
 * Creates the runs of recurring jobs before they are due, resumes jobs whose pause is over, ends those with no time left.
 * Any number of processes may tick at once: row locks share the work out, and nobody waits for anybody.
 */
@Injectable()
export class Ticker {
  private readonly logger = new Logger(Ticker.name);

  constructor(
    @Inject(IJobPlans) private readonly plans: IJobPlans,
    @Inject(IRunRepository) private readonly runs: IRunRepository,
    @Inject(IRunPlanner) private readonly planner: IRunPlanner,
    @Inject(ITransactionRunner) private readonly transactions: ITransactionRunner,
    @Inject(Config) private readonly config: Config,
    @Inject(IClock) private readonly clock: IClock,
    @Inject(IRunMetrics) private readonly metrics: IRunMetrics,
    private readonly dispatcher: DoorbellDispatcher,
  ) {}

  /** One round. @returns whether more is waiting */
  async tick(): Promise<boolean> {
    const startedMs = this.clock.monotonicMs();
    const resumed = await this.resume();
    const planned = await this.plan();
    await this.plans.completeExhausted();
    this.metrics.ticked(this.clock.monotonicMs() - startedMs, planned);
    return resumed >= this.config.engine.batchSize || planned >= Math.min(this.config.engine.batchSize, jobsPerPlan);
  }

  /** Creates what recurring jobs need within the horizon. @returns how many jobs were planned */
  async plan(): Promise<number> {
    const limit = Math.min(this.config.engine.batchSize, jobsPerPlan);
    const { count, rings, broken } = await this.transactions.run(async (tx) => {
      const locked = await this.plans.lockDue(tx, planningWindow(this.config.engine), limit);
      const jobs = withFewCalendars(locked);
      if (jobs.length === 0) return { count: 0, rings: [], broken: [] };
      const plan = await this.planner.prepareEach(tx, jobs, await this.runs.now(tx));
      const rings = await plan.write();
      await this.plans.advance(tx, plan.planned);
      return { count: locked.length, rings, broken: plan.broken };
    });
    this.dispatcher.ringLater(rings);
    for (const { job, error } of broken) await this.pauseBroken(job, error);
    return count;
  }

  /** Resumes jobs whose pause has run out. @returns how many */
  private async resume(): Promise<number> {
    await this.plans.keepPaused(accountDisabled);
    const { count, rings } = await this.transactions.run(async (tx) => {
      const jobs = await this.plans.lockResumable(tx, this.config.engine.batchSize);
      if (jobs.length === 0) return { count: 0, rings: [] };
      const now = await this.runs.now(tx);
      for (const job of jobs) await this.plans.setStatus(tx, job.id, 'pending');
      const planned = await this.planEach(tx, jobs, (job) => this.planner.planAfterPause(tx, job, now));
      return { count: jobs.length, rings: planned.rings };
    });
    this.dispatcher.ringLater(rings);
    return count;
  }

  /** A job whose schedule throws must not hold up the others. */
  private async planEach(tx: Transaction, jobs: Job[], plan: (job: Job) => Promise<PlannedRings[]>) {
    const rings: PlannedRings[] = [];
    const broken: { job: Job; error: Error }[] = [];
    const planned: Job[] = [];
    for (const job of jobs) {
      try {
        rings.push(...(await plan(job)));
        planned.push(job);
      } catch (error) {
        // An error of the database ends the transaction; only the schedule's own is the job's fault.
        if (!(error instanceof ScheduleError)) throw error;
        broken.push({ job, error });
      }
    }
    await this.plans.advance(tx, planned);
    return { rings, broken };
  }

  private async pauseBroken(job: Job, error: Error): Promise<void> {
    this.logger.error(`Job ${job.id} is paused: its schedule cannot be computed: ${error.message}`);
    await this.plans.pauseBroken(job.id, `Its schedule cannot be computed: ${error.message}`);
  }
}

/** The first of the jobs: as many as name few enough calendars, and one at least. */
function withFewCalendars(jobs: Job[]): Job[] {
  const named = new Set<string>();
  const end = jobs.findIndex(({ schedule }) => {
    for (const { id, version } of schedule?.calendars ?? []) named.add(`${id} ${version}`);
    return named.size > calendarsPerPlan;
  });
  return end === -1 ? jobs : jobs.slice(0, Math.max(end, 1));
}
