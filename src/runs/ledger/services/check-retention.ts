import { Inject, Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import { Prunables, ageOf } from '../../../kernel/retention.js';
import { ILedgerChecks } from '../interfaces/ledger-checks.js';

/** Says that checks of the ledgers are pruned when the runs are that they looked at. */
@Injectable()
export class CheckRetention {
  constructor(
    @Inject(Prunables) prunables: Prunables,
    @Inject(Config) { retention }: Config,
    @Inject(ILedgerChecks) audits: ILedgerChecks,
  ) {
    const runsMs = ageOf(retention.runsDays);
    if (runsMs === null) return;
    prunables.register({
      name: 'ledger_audits',
      prune: async () => ({ deleted: await audits.prune(runsMs), next: null }),
    });
  }
}
