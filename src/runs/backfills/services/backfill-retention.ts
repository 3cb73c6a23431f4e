import { Inject, Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import { Prunables, ageOf } from '../../../kernel/retention.js';
import { ITransactionRunner } from '../../../kernel/transaction.js';
import { IBackfillRepository } from '../interfaces/backfills.js';

/** Says what of backfills and their runs is pruned: what is older than any run may become. */
@Injectable()
export class BackfillRetention {
  constructor(
    @Inject(Prunables) prunables: Prunables,
    @Inject(Config) { retention }: Config,
    @Inject(ITransactionRunner) transactions: ITransactionRunner,
    @Inject(IBackfillRepository) backfills: IBackfillRepository,
  ) {
    const runsMs = ageOf(retention.runsDays);
    const failedRunsMs = ageOf(retention.failedRunsDays);
    if (runsMs === null || failedRunsMs === null) return;
    const longerMs = Math.max(runsMs, failedRunsMs);
    prunables.register({
      name: 'backfilled_runs',
      prune: (after, limit) => transactions.run((tx) => backfills.prune(tx, longerMs, after, limit)),
    });
  }
}
