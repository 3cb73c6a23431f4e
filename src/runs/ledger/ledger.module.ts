import { Module } from '@nestjs/common';
import { DispatchModule } from '../dispatch/dispatch.module.js';
import { HistoryModule } from '../history/history.module.js';
import { RunRecordsModule } from '../run-records.module.js';
import { ILedgerAudits } from './interfaces/ledger-audits.js';
import { IRunAuditLog } from './interfaces/run-audit-log.js';
import { IRunAudits } from './interfaces/run-audits.js';
import { IRunLedger } from './interfaces/run-ledger.js';
import { TypeormLedgerAudits } from './repositories/typeorm-ledger-audits.js';
import { TypeormRunAuditLog } from './repositories/typeorm-run-audit-log.js';
import { TypeormRunAudits } from './repositories/typeorm-run-audits.js';
import { TypeormRunLedger } from './repositories/typeorm-run-ledger.js';
import { Auditor } from './services/auditor.js';
import { CheckRetention } from './services/check-retention.js';
import { DailyAuditor } from './services/daily-auditor.js';
import { Explanations } from './services/explanations.js';
import { Forecasts } from './services/forecasts.js';
import { LedgerAuditor } from './services/ledger-auditor.js';
import { Ledgers } from './services/ledgers.js';

/** Accounts for each nominal time, explains it, forecasts those to come, and checks the invariants. */
@Module({
  imports: [RunRecordsModule, HistoryModule, DispatchModule],
  providers: [
    Auditor,
    DailyAuditor,
    Explanations,
    Forecasts,
    LedgerAuditor,
    Ledgers,
    { provide: IRunLedger, useClass: TypeormRunLedger },
    { provide: IRunAudits, useClass: TypeormRunAudits },
    { provide: IRunAuditLog, useClass: TypeormRunAuditLog },
    { provide: ILedgerAudits, useClass: TypeormLedgerAudits },
    CheckRetention,
  ],
  exports: [
    Auditor,
    DailyAuditor,
    Explanations,
    Forecasts,
    LedgerAuditor,
    Ledgers,
    IRunLedger,
    IRunAudits,
    IRunAuditLog,
    ILedgerAudits,
    CheckRetention,
  ],
})
export class LedgerModule {}
