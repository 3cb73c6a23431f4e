import { Inject, Injectable, Logger } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import { IJobExecutor } from '../../execution/interfaces/job-executor.js';
import { IRunLeases } from '../../execution/interfaces/run-leases.js';
import { IRunMetrics } from '../../interfaces/run-metrics.js';
import { shownWorker } from '../../domain/shown-worker.js';
import { SettlementFollowUp } from '../../execution/services/settlement-follow-up.js';
import { buildSettlement } from '../../execution/services/build-settlement.js';

/** Mends what a crash left: runs whose worker is gone. Any number of processes may recover at once. */
@Injectable()
export class Recoverer {
  private readonly logger = new Logger(Recoverer.name);

  constructor(
    @Inject(IRunLeases) private readonly leases: IRunLeases,
    @Inject(IJobExecutor) private readonly executor: IJobExecutor,
    @Inject(Config) private readonly config: Config,
    @Inject(IRunMetrics) private readonly metrics: IRunMetrics,
    private readonly after: SettlementFollowUp,
  ) {}

  /**
   * One round: records the attempts of dead workers as lost and lets their runs go on, or end, by their policies.
   * @returns whether more is waiting
   */
  async recover(): Promise<boolean> {
    const expired = await this.leases.findExpired(this.config.engine.batchSize);
    if (expired.length === 0) return false;
    this.metrics.leasesExpired(expired.length);
    const settled = await this.leases.settle(
      expired.map((run) =>
        buildSettlement(
          run,
          {
            kind: 'lost',
            error: `Worker ${shownWorker(run.workerId)} did not renew its lease: it died, hung or lost the database`,
          },
          this.config,
          this.executor.lostPolicy(run.handler),
          { startedAgoMs: null, endedAgoMs: 0 },
          { cancelRequested: run.cancelRequested, onlyIfExpired: true },
        ),
      ),
    );
    this.metrics.recovered(settled.length);
    if (settled.length > 0) this.logger.warn(`${settled.length} attempts were lost with their workers`);
    this.after.follow(settled, expired);
    return expired.length >= this.config.engine.batchSize;
  }
}
