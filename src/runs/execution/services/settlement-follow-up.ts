import { Inject, Injectable, Logger } from '@nestjs/common';
import { IJobPlans } from '../../../jobs/interfaces/job-repository.js';
import type { SettledRun, Settlement } from '../domain/settlement.js';
import { IRunGates } from '../interfaces/run-gates.js';
import { DoorbellDispatcher } from '../../dispatch/services/doorbell-dispatcher.js';

/** Does what follows the settlement of attempts: rings for retries, rings for the next waiting run of the job, pauses failing jobs. */
@Injectable()
export class SettlementFollowUp {
  private readonly logger = new Logger(SettlementFollowUp.name);

  constructor(
    @Inject(IJobPlans) private readonly plans: IJobPlans,
    @Inject(IRunGates) private readonly gates: IRunGates,
    private readonly dispatcher: DoorbellDispatcher,
  ) {}

  /**
   * Returns at once and never fails. If a step fails, the ticker rings later, and the next failure pauses the job.
   * @param settlements the settlements that led to `settled`, perhaps among others
   */
  follow(settled: SettledRun[], settlements: Pick<Settlement, 'jobId' | 'userId'>[]): void {
    const andThen = settled.filter(({ dueInMs }) => dueInMs !== null);
    const ended = settled.filter(({ gated, dueInMs }) => gated && dueInMs === null);
    if (andThen.length + ended.length === 0) return;
    const owners = new Map(settlements.map(({ jobId, userId }) => [jobId, userId]));
    this.dispatcher.ringLater(
      andThen.map(({ runId, jobId, dueInMs }) => ({ runId, userId: owners.get(jobId), delayMs: dueInMs! })),
    );
    if (ended.length === 0) return;
    this.followJobs(ended, owners).catch((error: unknown) =>
      this.logger.warn(`Could not do what follows a settlement: ${String(error)}`),
    );
  }

  private async followJobs(ended: SettledRun[], owners: Map<string, string>): Promise<void> {
    for (const { jobId, state } of ended)
      if (state === 'failed' && (await this.plans.pauseIfFailing(jobId)))
        this.logger.warn(`Job ${jobId} is paused: too many of its runs have failed in a row`);
    const next = await this.gates.nextInLine([...new Set(ended.map(({ jobId }) => jobId))]);
    this.dispatcher.ringLater(next.map(({ runId, jobId }) => ({ runId, userId: owners.get(jobId), delayMs: 0 })));
  }
}
