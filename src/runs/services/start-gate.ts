import { Inject, Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { nextTime } from '../../jobs/domain/schedule/next-time.js';
import { ITransactionRunner } from '../../kernel/transaction.js';
import type { ClaimedRun } from '../domain/claimed-run.js';
import { decideStarts } from '../domain/start-decision.js';
import type { GateRun, StartDecision } from '../domain/start-decision.js';
import type { GatedJob } from '../interfaces/run-gates.js';
import { IRunGates } from '../interfaces/run-gates.js';
import type { Claimant } from '../interfaces/run-leases.js';
import { IRunMetrics } from '../interfaces/run-metrics.js';
import { IWorkerCalls } from '../interfaces/worker-calls.js';
import { Ringer } from './ringer.js';

/** Lets a recurring job's due runs start, wait, be skipped or be missed, as its policies say. */
@Injectable()
export class StartGate {
  constructor(
    @Inject(IRunGates) private readonly gates: IRunGates,
    @Inject(ITransactionRunner) private readonly transactions: ITransactionRunner,
    @Inject(Config) private readonly config: Config,
    @Inject(IWorkerCalls) private readonly calls: IWorkerCalls,
    @Inject(IRunMetrics) private readonly metrics: IRunMetrics,
    private readonly ringer: Ringer,
  ) {}

  /**
   * @param offered runs that this worker was rung for and has room for
   * @returns those of them that start now; runs of the same jobs whose turn is earlier are rung for
   */
  async pass(offered: { runId: string; jobId: string }[], claimant: Claimant): Promise<ClaimedRun[]> {
    const offeredIds = new Set(offered.map(({ runId }) => runId));
    const { claimed, others, ended, asked } = await this.transactions.run(async (tx) => {
      const jobs = await this.gates.lock(tx, [...new Set(offered.map(({ jobId }) => jobId))]);
      const decisions = jobs.flatMap((job) => decideStarts(this.policiesOf(job), job.runs, job.now));
      await this.gates.decide(tx, decisions);
      const starts = decisions.filter(({ kind }) => kind === 'start').map(({ runId }) => runId);
      const mine = starts.filter((runId) => offeredIds.has(runId));
      return {
        claimed: await this.gates.claim(tx, mine, { ...claimant, aheadMs: 0 }),
        asked: decisions.some(({ kind }) => kind === 'cancel'),
        ended: jobs.flatMap(({ runs }) => endedOf(runs, decisions)),
        others: starts.filter((runId) => !offeredIds.has(runId)),
      };
    });
    if (asked) this.calls.call();
    for (const { state, trigger } of ended) this.metrics.endedUnbegun(state, trigger);
    this.ringer.ringLater(others.map((runId) => ({ runId, delayMs: 0 })));
    return claimed;
  }

  private policiesOf({ jobId, overlapPolicy, catchup, schedule, now, runs }: GatedJob) {
    const latest = runs.at(-1)?.nominalAt ?? now;
    const following = schedule && nextTime(schedule, latest, jobId);
    return {
      overlapPolicy,
      catchup,
      intervalMs: following ? following.getTime() - latest.getTime() : 0,
      catchupAfterMs: this.config.engine.catchupAfterMs,
    };
  }
}

const endedOf = (runs: GateRun[], decisions: StartDecision[]) =>
  decisions.flatMap((decision) => {
    const run = decision.kind === 'end' && runs.find(({ runId }) => runId === decision.runId);
    return run ? [{ state: decision.state, trigger: run.trigger }] : [];
  });
