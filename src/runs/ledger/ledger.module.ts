import { Module } from '@nestjs/common';
import { DispatchModule } from '../dispatch/dispatch.module.js';
import { HistoryModule } from '../history/history.module.js';
import { RunRecordsModule } from '../run-records.module.js';
import { ILedgerChecks } from './interfaces/ledger-checks.js';
import { IInvariantCheckLog } from './interfaces/invariant-check-log.js';
import { IInvariantChecks } from './interfaces/invariant-checks.js';
import { IRunLedger } from './interfaces/run-ledger.js';
import { TypeormLedgerChecks } from './repositories/typeorm-ledger-checks.js';
import { TypeormInvariantCheckLog } from './repositories/typeorm-invariant-check-log.js';
import { TypeormInvariantChecks } from './repositories/typeorm-invariant-checks.js';
import { TypeormRunLedger } from './repositories/typeorm-run-ledger.js';
import { Invariants } from './services/invariants.js';
import { CheckRetention } from './services/check-retention.js';
import { InvariantChecker } from './services/invariant-checker.js';
import { Explanations } from './services/explanations.js';
import { Forecasts } from './services/forecasts.js';
import { LedgerChecker } from './services/ledger-checker.js';
import { Ledgers } from './services/ledgers.js';

/** Accounts for each nominal time, explains it, forecasts those to come, and checks the invariants. */
@Module({
  imports: [RunRecordsModule, HistoryModule, DispatchModule],
  providers: [
    Invariants,
    InvariantChecker,
    Explanations,
    Forecasts,
    LedgerChecker,
    Ledgers,
    { provide: IRunLedger, useClass: TypeormRunLedger },
    { provide: IInvariantChecks, useClass: TypeormInvariantChecks },
    { provide: IInvariantCheckLog, useClass: TypeormInvariantCheckLog },
    { provide: ILedgerChecks, useClass: TypeormLedgerChecks },
    CheckRetention,
  ],
  exports: [
    Invariants,
    InvariantChecker,
    Explanations,
    Forecasts,
    LedgerChecker,
    Ledgers,
    IRunLedger,
    IInvariantChecks,
    IInvariantCheckLog,
    ILedgerChecks,
    CheckRetention,
  ],
})
export class LedgerModule {}
