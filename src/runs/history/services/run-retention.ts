import { Inject, Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import { Prunables, ageOf } from '../../../kernel/retention.js';
import { ITransactionRunner } from '../../../kernel/transaction.js';
import type { RunAges } from '../domain/retention.js';
import { IBackfillRepository } from '../../backfills/interfaces/backfills.js';
import { ILedgerAudits } from '../../ledger/interfaces/ledger-audits.js';
import { IRunHistory } from '../interfaces/run-history.js';

/** Says what of jobs and runs is pruned. */
@Injectable()
export class RunRetention {
  constructor(
    @Inject(Prunables) prunables: Prunables,
    @Inject(Config) { retention }: Config,
    @Inject(ITransactionRunner) transactions: ITransactionRunner,
    @Inject(IRunHistory) history: IRunHistory,
    @Inject(IBackfillRepository) backfills: IBackfillRepository,
    @Inject(ILedgerAudits) audits: ILedgerAudits,
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
    if (runsMs !== null && failedRunsMs !== null) {
      const longerMs = Math.max(runsMs, failedRunsMs);
      prunables.register({
        name: 'backfilled_runs',
        prune: (after, limit) => transactions.run((tx) => backfills.prune(tx, longerMs, after, limit)),
      });
    }
    if (runsMs !== null)
      prunables.register({
        name: 'ledger_audits',
        prune: async () => ({ deleted: await audits.prune(runsMs), next: null }),
      });
  }
}
