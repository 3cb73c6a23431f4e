import { Inject, Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import type { JobView, OwnedBy } from '../../../jobs/domain/job.js';
import { describeTime, nextTime } from '../../../schedules/domain/index.js';
import { IJobRepository } from '../../../jobs/interfaces/job-repository.js';
import { ScheduleDays } from '../../../jobs/services/schedule-days.js';
import { notFound } from '../../../kernel/errors.js';
import { explainRun } from '../domain/explain.js';
import type { ExplainedJob } from '../domain/explain.js';
import { explainTime, versionAt } from '../domain/explain-time.js';
import type { Explanation } from '../domain/explanation.js';
import type { JobPlan } from '../domain/ledger.js';
import type { Run } from '../../domain/run.js';
import { IRunHistory } from '../../history/interfaces/run-history.js';
import { IRunLedger } from '../interfaces/run-ledger.js';
import { IRunRepository } from '../../interfaces/run-repository.js';
import { planningWindow } from '../../domain/planning-window.js';

/** Why a nominal time ran, waits or did not run, with the run that accounts for it if there is one. */
export interface ExplainedTime extends Explanation {
  jobId: string;
  nominalAt: Date;
  /** Whether the job's schedule names the time, or it is that of a one-time job. */
  named: boolean;
  jobVersion: number | null;
  run: Run | null;
}

@Injectable()
export class Explanations {
  constructor(
    @Inject(IJobRepository) private readonly jobs: IJobRepository,
    @Inject(IRunRepository) private readonly runs: IRunRepository,
    @Inject(IRunLedger) private readonly ledger: IRunLedger,
    @Inject(IRunHistory) private readonly history: IRunHistory,
    @Inject(Config) private readonly config: Config,
    private readonly days: ScheduleDays,
  ) {}

  /** @throws DomainError `not_found`, also for a run of somebody else's job */
  async ofRun(runId: string, userId: OwnedBy): Promise<ExplainedTime> {
    const run = await this.runs.find(runId);
    const found = run && (await this.jobOf(run.jobId, userId));
    if (!run || !found) throw notFound('run');
    return this.explain(found.job, found.plan, run);
  }

  /** @param at a nominal time; null: the oldest run that waits or runs, else the next time */
  async ofJob(jobId: string, userId: OwnedBy, at: Date | null): Promise<ExplainedTime> {
    const found = await this.jobOf(jobId, userId);
    if (!found) throw notFound('job');
    const { job, view, plan } = found;
    const run = at ? await this.ledger.runAt(jobId, at) : await this.ledger.firstLive(jobId);
    if (run) return this.explain(job, plan, run, at ?? run.nominalAt);
    const nominalAt = at ?? plan.nextRunAt ?? view.lastRun?.nominalAt ?? plan.scheduledAt ?? plan.now;
    const last = at ? null : await this.ledger.runAt(jobId, nominalAt);
    if (last) return this.explain(job, plan, last);
    const { engine } = this.config;
    const createdAheadMs = { most: engine.horizonMs, least: planningWindow(engine).withinMs };
    const [stored, prunedUntil] = await Promise.all([this.jobs.versions(jobId), this.history.prunedUntil(jobId)]);
    const versions = await this.days.resolveVersion(stored, versionAt(stored, nominalAt));
    const { version, ...explained } = explainTime({ job, plan, versions, nominalAt, prunedUntil, createdAheadMs });
    return { ...explained, jobId, nominalAt, jobVersion: version, run: null };
  }

  private async jobOf(id: string, userId: OwnedBy) {
    const view = await this.jobs.find(id, userId);
    const plan = view && (await this.ledger.plan(id));
    if (!view || !plan) return null;
    return { view, plan, job: asStored(view, plan) };
  }

  private async explain(
    job: ExplainedJob,
    { now }: JobPlan,
    run: Run,
    nominalAt = run.nominalAt,
  ): Promise<ExplainedTime> {
    const [stored, holder] = await Promise.all([
      this.jobs.versions(run.jobId),
      run.heldBy === null ? null : this.runs.find(run.heldBy),
    ]);
    const planner = stored.find(({ version }) => version === run.jobVersion) ?? versionAt(stored, run.nominalAt);
    const schedule = planner && (await this.days.resolve(null, planner.schedule));
    const following = schedule && nextTime(schedule, run.nominalAt, run.jobId);
    return {
      ...explainRun({
        job,
        run,
        schedule,
        intervalMs: following ? following.getTime() - run.nominalAt.getTime() : 0,
        holder,
        catchupAfterMs: this.config.engine.catchupAfterMs,
        now,
      }),
      jobId: run.jobId,
      nominalAt,
      named: schedule ? describeTime(schedule, nominalAt, run.jobId).namedBy.length > 0 : run.trigger === 'schedule',
      jobVersion: run.jobVersion,
      run,
    };
  }
}

/** With the stored status: a view shows `running` where the gates look at `pending`. */
const asStored = (view: JobView, { status }: JobPlan): ExplainedJob => ({ ...view, status });
