import { Inject, Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import type { Job } from '../../../jobs/domain/job.js';
import type { CatchupMode } from '../../../jobs/domain/policies.js';
import type { IRunPlanner, PlannedRings } from '../../../jobs/interfaces/run-planner.js';
import { ScheduleDays, withoutCalendars } from '../../../jobs/services/schedule-days.js';
import type { ResolveSchedule } from '../../../jobs/services/schedule-days.js';
import { newId } from '../../../kernel/ids.js';
import type { JsonObject } from '../../../kernel/json.js';
import { Slices } from '../../../kernel/slices.js';
import type { Transaction } from '../../../kernel/transaction.js';
import { ownedRings } from '../../dispatch/domain/doorbell.js';
import { ScheduleError, planRuns } from '../domain/plan.js';
import type { PlanSettings } from '../domain/plan.js';
import type { NewRun } from '../../domain/run.js';
import { IRunRepository } from '../../interfaces/run-repository.js';
import { IWorkerNudges } from '../../interfaces/worker-nudges.js';
import { PendingStarts } from '../../services/pending-starts.js';
import { DirectStarts } from '../../dispatch/services/direct-starts.js';
import type { NewPlan } from '../../dispatch/services/direct-starts.js';
import { DoorbellDispatcher } from '../../dispatch/services/doorbell-dispatcher.js';

@Injectable()
export class RunPlanner implements IRunPlanner {
  constructor(
    @Inject(IRunRepository) private readonly runs: IRunRepository,
    @Inject(IWorkerNudges) private readonly nudges: IWorkerNudges,
    @Inject(Config) private readonly config: Config,
    private readonly dispatcher: DoorbellDispatcher,
    private readonly pendingStarts: PendingStarts,
    private readonly directStarts: DirectStarts,
    private readonly days: ScheduleDays,
  ) {}

  async prepare(tx: Transaction, jobs: Job[], now: Date): Promise<{ write(): Promise<PlannedRings[]> }> {
    const days = await this.daysOf(tx, jobs, now);
    const slices = new Slices();
    const runs: NewRun[] = [];
    let ifAbsent = false;
    for (const job of jobs) {
      const first = this.firstRuns([job], now, days);
      for (const run of first.runs) runs.push(run);
      ifAbsent ||= first.ifAbsent;
      await slices.next();
    }
    return { write: () => this.insert(tx, jobs, runs, ifAbsent) };
  }

  planNew<T>(jobs: Job[], now: Date, commit: (write: (tx: Transaction) => Promise<void>) => Promise<T>): Promise<T> {
    return this.directStarts.plan(this.firstRuns(jobs, now, withoutCalendars), now, commit);
  }

  async plan(tx: Transaction, jobs: Job[], now: Date): Promise<PlannedRings[]> {
    return (await this.prepare(tx, jobs, now)).write();
  }

  async prepareEach(tx: Transaction, jobs: Job[], now: Date) {
    const days = await this.daysOf(tx, jobs, now);
    const slices = new Slices();
    const planned: Job[] = [];
    const broken: { job: Job; error: Error }[] = [];
    const runs: NewRun[] = [];
    for (const job of jobs) {
      try {
        for (const run of this.nextRuns(job, now, this.settings(), days)) runs.push(run);
        planned.push(job);
      } catch (error) {
        if (!(error instanceof ScheduleError)) throw error;
        broken.push({ job, error });
      }
      const rest = slices.next();
      if (rest) await rest;
    }
    return { planned, broken, write: () => this.insert(tx, jobs, runs, true) };
  }

  async planAgain(tx: Transaction, job: Job, now: Date): Promise<PlannedRings[]> {
    if (job.type === 'one_time') return this.plan(tx, [job], now);
    const taken = await this.takenFrom(tx, job, now);
    const days = await this.daysOf(tx, [job], now);
    return this.insert(tx, [job], this.nextRuns(job, now, this.settings({ taken }), days), true);
  }

  async planAfterPause(tx: Transaction, job: Job, now: Date): Promise<PlannedRings[]> {
    if (job.type === 'one_time') return this.ringWaiting(tx, job);
    // What was planned before the pause and could not start is planned again, with what the pause itself kept back.
    const { count, earliest } = await this.runs.deleteUnstarted(tx, job.id, job.versionSince);
    job.plannedCount = Math.max(job.plannedCount - count, 0);
    if (earliest) {
      job.activeUntil = null;
      if (!job.nextRunAt || earliest < job.nextRunAt) job.nextRunAt = earliest;
    }
    const taken = await this.takenFrom(tx, job, job.nextRunAt && job.nextRunAt < now ? job.nextRunAt : now);
    // What passed during a pause has been passed by, however short ago.
    const settings = this.settings({ cause: 'paused', catchupAfterMs: 0, taken });
    await this.insertUntil(tx, job, now, settings);
    return this.ringWaiting(tx, job);
  }

  async settlePassed(tx: Transaction, job: Job, now: Date): Promise<PlannedRings[]> {
    const whilePaused = { cause: 'paused', catchupAfterMs: 0, catchup: 'none' } as const;
    const { nextRunAt } = job;
    // A row may stand already for a time that has passed: one that somebody cancelled before the schedule was changed.
    const taken = nextRunAt && nextRunAt <= now ? await this.takenFrom(tx, job, nextRunAt) : undefined;
    const settings = this.settings({ horizonMs: 0, taken, ...(job.status === 'paused' && whilePaused) });
    try {
      return await this.insertUntil(tx, job, now, settings);
    } catch (error) {
      // A schedule that cannot be computed names no times; it must still be possible to mend or cancel the job.
      if (error instanceof ScheduleError) return [];
      throw error;
    }
  }

  async plannedAhead(tx: Transaction, jobIds: string[], after: Date): Promise<Set<string>> {
    return new Set(await this.runs.jobsPlannedAfter(tx, jobIds, after));
  }

  async unplan(tx: Transaction, job: Job, now: Date): Promise<void> {
    const forgotten = await this.runs.deletePlanned(tx, job.id, now);
    job.plannedCount = Math.max(job.plannedCount - forgotten, 0);
    if (job.type === 'one_time') await this.runs.cancelByJob(tx, job.id, 'rescheduled');
  }

  keepPayload(tx: Transaction, job: Job): Promise<void> {
    return this.runs.keepPayload(tx, job.id, job.payload);
  }

  async trigger(tx: Transaction, job: Job, nominalAt: Date, payload: JsonObject | null) {
    if (job.type === 'one_time') await this.runs.bringToGate(tx, job.id);
    const runId = newId();
    const run: NewRun = {
      id: runId,
      jobId: job.id,
      nominalAt,
      dueAt: await this.runs.now(tx),
      trigger: 'manual',
      jobVersion: job.version,
      gated: true,
      payload,
    };
    const rings = await this.insert(tx, [job], [run]);
    return { runId, rings };
  }

  async cancelAll(tx: Transaction, job: Job, now: Date): Promise<{ ended: number; asked: number }> {
    if (job.type === 'recurring') await this.unplan(tx, job, now);
    return this.runs.cancelByJob(tx, job.id, 'job_cancelled');
  }

  async deleteAll(tx: Transaction, jobId: string): Promise<number> {
    await this.runs.lockLive(tx, jobId);
    const msUntilStartsSettled = await this.runs.msUntilStartsSettled({ jobId }, tx);
    await this.runs.deleteByJob(tx, jobId);
    return msUntilStartsSettled;
  }

  async liveState(tx: Transaction, jobId: string): Promise<'running' | 'retrying' | 'scheduled' | null> {
    const states = new Set((await this.runs.lockLive(tx, jobId)).map(({ state }) => state));
    return (['running', 'retrying', 'scheduled'] as const).find((state) => states.has(state)) ?? null;
  }

  nudgeWorkers(): void {
    this.nudges.nudge();
  }

  startsSettled(jobId: string): Promise<void> {
    return this.pendingStarts.settled({ jobId });
  }

  startsSettledOf(userId: string): Promise<void> {
    return this.pendingStarts.settled({ userId });
  }

  ring(rings: PlannedRings[]): void {
    this.dispatcher.ringLater(rings);
  }

  private firstRuns(jobs: Job[], now: Date, days: ResolveSchedule): NewPlan {
    const once = jobs.filter(({ type }) => type === 'one_time').flatMap(onlyRun);
    const recurring = jobs.flatMap((job) => this.nextRuns(job, now, this.settings(), days));
    // A time that has its row is accounted for: planning it twice must not fail the other jobs of the batch.
    return { jobs, runs: [...once, ...recurring], ifAbsent: recurring.length > 0 };
  }

  private async insert(tx: Transaction, jobs: Job[], runs: NewRun[], ifAbsent = false): Promise<PlannedRings[]> {
    return ownedRings(await this.runs.insert(tx, runs, ifAbsent), runs, jobs);
  }

  private async ringWaiting(tx: Transaction, job: Job): Promise<PlannedRings[]> {
    return ownedRings(await this.runs.ringWaiting(tx, job.id), [], [job]);
  }

  /** Plans in as many steps as it takes until nothing up to `now` is without a row. */
  private async insertUntil(tx: Transaction, job: Job, now: Date, settings: Settings): Promise<PlannedRings[]> {
    const rings: PlannedRings[] = [];
    const days = await this.daysOf(tx, [job], now);
    while (job.nextRunAt && job.nextRunAt <= now)
      rings.push(...(await this.insert(tx, [job], this.nextRuns(job, now, settings, days), true)));
    return rings.concat(await this.insert(tx, [job], this.nextRuns(job, now, settings, days), true));
  }

  /** Sets the job's `nextRunAt`, `plannedCount` and `activeUntil` as a side of planning. */
  private nextRuns(job: Job, now: Date, { catchup, ...settings }: Settings, days: ResolveSchedule): NewRun[] {
    const { schedule, nextRunAt } = job;
    if (!schedule || !nextRunAt) return [];
    const policy = catchup ? { ...job.catchup, mode: catchup } : job.catchup;
    const plan = orFail(() =>
      planRuns({ ...job, schedule: days(schedule), nextRunAt, catchup: policy }, now, settings),
    );
    job.nextRunAt = plan.nextRunAt;
    job.plannedCount = plan.plannedCount;
    job.activeUntil = plan.activeUntil;
    return plan.runs;
  }

  /**
   * The days of the calendars of the jobs. One that has no time within the horizon gets no row yet, and has its calendars left
   * out: a bulk of jobs for next year reads none.
   */
  private async daysOf(tx: Transaction, jobs: Job[], now: Date): Promise<ResolveSchedule> {
    const untilMs = now.getTime() + this.config.engine.horizonMs;
    const near = jobs.filter(({ nextRunAt }) => nextRunAt && nextRunAt.getTime() <= untilMs);
    const nearDays = await this.days.of(
      tx,
      near.map(({ schedule }) => schedule),
    );
    const named = new Set(near.map(({ schedule }) => schedule));
    return (schedule) => (named.has(schedule) ? nearDays(schedule) : { ...schedule, calendars: [] });
  }

  /** What stands for the times from `from` on. */
  private async takenFrom(tx: Transaction, job: Job, from: Date): Promise<NonNullable<PlanSettings['taken']>> {
    const spans = await this.runs.spansFrom(tx, job.id, from);
    return (time) => {
      const span = spans.find(({ first, last }) => first <= time && time <= last);
      return span ? (span.first < span.last ? 'range' : 'row') : null;
    };
  }

  private settings(change: Partial<Settings> = {}): Settings {
    const { horizonMs, catchupAfterMs } = this.config.engine;
    return { horizonMs, catchupAfterMs, cause: 'missed', ...change };
  }
}

/** `catchup` overrules the mode of the job's policy. */
type Settings = PlanSettings & { catchup?: CatchupMode };

function orFail<T>(compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    throw new ScheduleError(String(error), { cause: error });
  }
}

function onlyRun(job: Job): NewRun[] {
  if (!job.scheduledAt) return [];
  return [
    {
      id: newId(),
      jobId: job.id,
      nominalAt: job.scheduledAt,
      dueAt: job.scheduledAt,
      trigger: 'schedule',
      jobVersion: job.version,
      gated: false,
    },
  ];
}
