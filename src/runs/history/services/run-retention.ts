import { Inject, Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import { Prunables, ageOf } from '../../../kernel/retention.js';
import { ITransactionRunner } from '../../../kernel/transaction.js';
import type { RunAges } from '../domain/retention.js';
import { IRunHistory } from '../interfaces/run-history.js';

/** Says what of jobs and runs is pruned. */
@Injectable()
export class RunRetention {
  constructor(
    @Inject(Prunables) prunables: Prunables,
    @Inject(Config) { retention }: Config,
    @Inject(ITransactionRunner) transactions: ITransactionRunner,
    @Inject(IRunHistory) history: IRunHistory,
  ) {
    const ages: RunAges = {
      runsMs: ageOf(retention.runsDays),
      failedRunsMs: ageOf(retention.failedRunsDays),
      jobsMs: ageOf(retention.jobsDays),
    };
    const { runsMs, failedRunsMs, jobsMs } = ages;
    // Jobs first: one that goes takes its runs along, and leaves no mark.
    if (jobsMs !== null)
      prunables.register({
        name: 'jobs',
        prune: (after, limit) => transactions.run((tx) => history.pruneJobs(tx, ages, after, limit)),
      });
    if (runsMs !== null || failedRunsMs !== null)
      prunables.register({
        name: 'runs',
        prune: (after, limit) => transactions.run((tx) => history.pruneRuns(tx, ages, after, limit)),
      });
  }
}
