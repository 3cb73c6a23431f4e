import { Inject, Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import { nextTime, suppressedBy, timesBetween } from '../../../schedules/domain/index.js';
import { IJobPlans } from '../../../jobs/interfaces/job-repository.js';
import type { PlannedUntil } from '../../../jobs/interfaces/job-repository.js';
import { ScheduleDays } from '../../../jobs/services/schedule-days.js';
import type { ResolveSchedule } from '../../../jobs/services/schedule-days.js';
import { ITransactionRunner } from '../../../kernel/transaction.js';
import type { ClaimedRun } from '../../domain/claimed-run.js';
import { decideStarts } from '../domain/start-decision.js';
import { givenBack } from '../../domain/runs-left.js';
import type { GatePolicies, GateRun, StartDecision } from '../domain/start-decision.js';
import type { GatedJob } from '../interfaces/run-gates.js';
import { IRunGates } from '../interfaces/run-gates.js';
import type { Claimant } from '../../domain/claimed-run.js';
import { IRunMetrics } from '../../interfaces/run-metrics.js';
import { IWorkerNudges } from '../../interfaces/worker-nudges.js';
import { DoorbellDispatcher } from '../../dispatch/services/doorbell-dispatcher.js';

export interface GatePass<Offered> {
  /** Offered runs that start now. */
  claimed: ClaimedRun[];
  /** Offered runs that are not decided yet: another transaction had locked their job or their row. */
  heldUp: Offered[];
}

/** Decides by the policies of a job whether each of its due runs starts, waits, is skipped or is missed. For jobs that may have several live runs. */
@Injectable()
export class StartGate {
  constructor(
    @Inject(IRunGates) private readonly gates: IRunGates,
    @Inject(IJobPlans) private readonly plans: IJobPlans,
    @Inject(ITransactionRunner) private readonly transactions: ITransactionRunner,
    @Inject(Config) private readonly config: Config,
    @Inject(IWorkerNudges) private readonly nudges: IWorkerNudges,
    @Inject(IRunMetrics) private readonly metrics: IRunMetrics,
    private readonly dispatcher: DoorbellDispatcher,
    private readonly days: ScheduleDays,
  ) {}

  /**
   * Starts the offered runs whose gates are open. Other runs of the same jobs that may start too are rung for.
   * @param offered runs that this worker has room for
   * @param lockWaitMs maximum wait for the lock of a job that another transaction has locked, in ms; 0: leave such a job out
   * @throws the database's error when the lock was not free in time
   */
  async pass<Offered extends { runId: string; jobId: string; userId?: string }>(
    offered: Offered[],
    claimant: Claimant,
    lockWaitMs = 0,
  ): Promise<GatePass<Offered>> {
    const offeredIds = new Set(offered.map(({ runId }) => runId));
    const { claimed, others, ended, asked, lockedIds, mine } = await this.transactions.run(async (tx) => {
      const jobs = await this.gates.lock(tx, [...new Set(offered.map(({ jobId }) => jobId))], lockWaitMs);
      const days = await this.days.of(
        tx,
        jobs.filter((job) => unplannedAfter(job) !== null).map(({ schedule }) => schedule),
      );
      const decisions = jobs.flatMap((job) => decideStarts(this.policiesOf(job, days), job.runs, job.now));
      await this.gates.decide(tx, decisions);
      await this.plans.advance(
        tx,
        jobs.flatMap((job) => withoutEnded(job, decisions)),
      );
      const starts = new Set(decisions.filter(({ kind }) => kind === 'start').map(({ runId }) => runId));
      const mine = [...starts].filter((runId) => offeredIds.has(runId));
      return {
        mine,
        lockedIds: new Set(jobs.map(({ jobId }) => jobId)),
        claimed: await this.gates.claim(tx, mine, { ...claimant, aheadMs: 0 }),
        asked: decisions.some(({ kind }) => kind === 'cancel'),
        ended: jobs.flatMap(({ runs }) => endedOf(runs, decisions)),
        others: jobs.flatMap(({ jobId, runs }) =>
          runs
            .filter(({ runId }) => starts.has(runId) && !offeredIds.has(runId))
            .map(({ runId }) => ({ runId, jobId })),
        ),
      };
    });
    if (asked) this.nudges.nudge();
    for (const { state, trigger } of ended) this.metrics.endedUnbegun(state, trigger);
    const owners = new Map(offered.map(({ jobId, userId }) => [jobId, userId]));
    this.dispatcher.ringLater(others.map(({ runId, jobId }) => ({ runId, userId: owners.get(jobId), delayMs: 0 })));
    const begun = new Set(claimed.map(({ runId }) => runId));
    const missed = new Set(mine.filter((runId) => !begun.has(runId)));
    return { claimed, heldUp: offered.filter(({ runId, jobId }) => !lockedIds.has(jobId) || missed.has(runId)) };
  }

  private policiesOf(job: GatedJob, days: ResolveSchedule): GatePolicies {
    const { jobId, overlapPolicy, catchup, schedule, now, runs } = job;
    const latest = runs.at(-1)?.nominalAt ?? now;
    const following = schedule && nextTime(schedule, latest, jobId);
    return {
      overlapPolicy,
      catchup,
      intervalMs: following ? following.getTime() - latest.getTime() : 0,
      catchupAfterMs: this.config.engine.catchupAfterMs,
      laterTimes: job.unseen + unplannedTimes(job, days),
    };
  }
}

const endedOf = (runs: GateRun[], decisions: StartDecision[]) =>
  decisions.flatMap((decision) => {
    const run = decision.kind === 'end' && runs.find(({ runId }) => runId === decision.runId);
    return run ? [{ state: decision.state, trigger: run.trigger }] : [];
  });

/**
 * Counts times that have passed and have no row yet, because the ticker is behind or `maxRuns` allowed no more rows. When runs
 * here end without a start, these times get rows. The count stops at `catchup.max`: catch-up needs no more.
 */
function unplannedTimes(job: GatedJob, days: ResolveSchedule): number {
  const after = unplannedAfter(job);
  if (!job.schedule || !after) return 0;
  const schedule = days(job.schedule);
  const times = timesBetween(schedule, after, job.now, job.jobId, job.catchup.max);
  return times.filter((time) => suppressedBy(schedule, time) === null).length;
}

/** The time after which the job has no rows although times have passed; null: it has all rows. */
function unplannedAfter({ schedule, nextRunAt, activeUntil, now }: GatedJob): Date | null {
  const after = nextRunAt ? new Date(nextRunAt.getTime() - 1) : activeUntil;
  return schedule && after && after < now ? after : null;
}

/** How far the job is planned once the runs that shall not start have ended; empty when there are none. */
function withoutEnded(job: GatedJob, decisions: StartDecision[]): PlannedUntil[] {
  const ended = endedOf(job.runs, decisions).filter(({ trigger }) => trigger === 'schedule');
  return ended.length === 0 ? [] : [{ id: job.jobId, ...givenBack(job, ended.length, job.jobId) }];
}
