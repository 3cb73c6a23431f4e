import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { Global, Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { IdempotencyModule } from '../idempotency/idempotency.module.js';
import { IRunPlanner } from '../jobs/interfaces/run-planner.js';
import { JobsModule } from '../jobs/jobs.module.js';
import { UsersModule } from '../users/users.module.js';
import { BullJobScheduler } from './dispatch/adapters/bull-job-scheduler.js';
import { RedisMemoryPolicy } from './dispatch/adapters/redis-memory-policy.js';
import { RedisWorkerCalls } from './adapters/redis-worker-calls.js';
import { AdminJobRunsController } from './controllers/admin-job-runs.controller.js';
import { AdminBackfillsController } from './backfills/controllers/admin-backfills.controller.js';
import { AdminRunsController } from './controllers/admin-runs.controller.js';
import { AdminStatsController } from '../statistics/controllers/admin-stats.controller.js';
import { BackfillsController } from './backfills/controllers/backfills.controller.js';
import { JobRunsController } from './controllers/job-runs.controller.js';
import { JobTimesController } from './ledger/controllers/job-times.controller.js';
import { RunExplanationController } from './ledger/controllers/run-explanation.controller.js';
import { RunsController } from './controllers/runs.controller.js';
import { Engine } from './engine.js';
import { IBackfillRepository } from './backfills/interfaces/backfills.js';
import { IFailureNotices } from './interfaces/failure-notices.js';
import { IJobLogger, IJobLogReader } from './interfaces/job-logger.js';
import { IJobScheduler } from './dispatch/interfaces/job-scheduler.js';
import { IRunAuditLog } from './ledger/interfaces/run-audit-log.js';
import { IRunAudits } from './ledger/interfaces/run-audits.js';
import { IRunGates } from './execution/interfaces/run-gates.js';
import { ILedgerAudits } from './ledger/interfaces/ledger-audits.js';
import { IRunHistory } from './history/interfaces/run-history.js';
import { IRunLeases } from './execution/interfaces/run-leases.js';
import { IRunLedger } from './ledger/interfaces/run-ledger.js';
import { IRunRepository } from './interfaces/run-repository.js';
import { IRunRings } from './dispatch/interfaces/run-rings.js';
import { IStatistics } from '../statistics/interfaces/statistics.js';
import { IWorkerCalls } from './interfaces/worker-calls.js';
import { WorkerId } from './execution/interfaces/worker-id.js';
import { DoorbellProcessor } from './execution/processors/doorbell.processor.js';
import { TypeormBackfillRepository } from './backfills/repositories/typeorm-backfill.repository.js';
import { TypeormFailureNotices } from './repositories/typeorm-failure-notices.js';
import { TypeormJobLogger } from './repositories/typeorm-job-logger.js';
import { TypeormLedgerAudits } from './ledger/repositories/typeorm-ledger-audits.js';
import { TypeormRunAuditLog } from './ledger/repositories/typeorm-run-audit-log.js';
import { TypeormRunAudits } from './ledger/repositories/typeorm-run-audits.js';
import { TypeormRunGates } from './execution/repositories/typeorm-run-gates.js';
import { TypeormRunHistory } from './history/repositories/typeorm-run-history.js';
import { TypeormRunLeases } from './execution/repositories/typeorm-run-leases.js';
import { TypeormRunLedger } from './ledger/repositories/typeorm-run-ledger.js';
import { TypeormRunRepository } from './repositories/typeorm-run.repository.js';
import { TypeormRunRings } from './dispatch/repositories/typeorm-run-rings.js';
import { TypeormStatistics } from '../statistics/repositories/typeorm-statistics.js';
import { AfterSettlement } from './execution/services/after-settlement.js';
import { AttemptRunner } from './execution/services/attempt-runner.js';
import { Auditor } from './ledger/services/auditor.js';
import { Backfiller } from './backfills/services/backfiller.js';
import { Backfills } from './backfills/services/backfills.js';
import { Beginnings } from './services/beginnings.js';
import { BellRinger } from './dispatch/services/bell-ringer.js';
import { Births } from './dispatch/services/births.js';
import { DailyAuditor } from './ledger/services/daily-auditor.js';
import { Explanations } from './ledger/services/explanations.js';
import { Forecasts } from './ledger/services/forecasts.js';
import { Installation } from '../statistics/services/installation.js';
import { LateStarts } from './execution/services/late-starts.js';
import { LeaseKeeper } from './execution/services/lease-keeper.js';
import { LedgerAuditor } from './ledger/services/ledger-auditor.js';
import { Ledgers } from './ledger/services/ledgers.js';
import { Recoverer } from './recovery/services/recoverer.js';
import { RedisWatch } from './recovery/services/redis-watch.js';
import { Ringer } from './dispatch/services/ringer.js';
import { RunLogs } from './execution/services/run-logs.js';
import { Triggers } from './services/triggers.js';
import { RunPlanner } from './planning/services/run-planner.js';
import { RunQueries } from './services/run-queries.js';
import { RunRetention } from './history/services/run-retention.js';
import { RunWorker } from './execution/services/run-worker.js';
import { Settler } from './execution/services/settler.js';
import { StartGate } from './execution/services/start-gate.js';
import { Ticker } from './planning/services/ticker.js';

/** Global, because jobs ask for `IRunPlanner`, which only this later feature implements. */
@Global()
@Module({})
export class RunsModule {
  static of(config: Config): DynamicModule {
    return {
      module: RunsModule,
      imports: [IdempotencyModule, JobsModule.of(config), UsersModule],
      controllers: config.roles.includes('api')
        ? [
            AdminJobRunsController,
            AdminBackfillsController,
            AdminRunsController,
            AdminStatsController,
            BackfillsController,
            JobRunsController,
            JobTimesController,
            RunExplanationController,
            RunsController,
          ]
        : [],
      providers: [
        AfterSettlement,
        AttemptRunner,
        Auditor,
        Backfiller,
        Backfills,
        Beginnings,
        BellRinger,
        Births,
        DailyAuditor,
        DoorbellProcessor,
        Engine,
        Explanations,
        Forecasts,
        Installation,
        LateStarts,
        LeaseKeeper,
        LedgerAuditor,
        Ledgers,
        Recoverer,
        RedisMemoryPolicy,
        RedisWatch,
        Ringer,
        RunLogs,
        RunQueries,
        RunRetention,
        RunWorker,
        Settler,
        StartGate,
        Ticker,
        TypeormJobLogger,
        { provide: WorkerId, useFactory: () => `${hostname()}:${process.pid}:${randomBytes(6).toString('hex')}` },
        Triggers,
        { provide: IRunPlanner, useClass: RunPlanner },
        { provide: IJobScheduler, useClass: BullJobScheduler },
        { provide: IWorkerCalls, useClass: RedisWorkerCalls },
        { provide: IJobLogger, useExisting: TypeormJobLogger },
        { provide: IJobLogReader, useExisting: TypeormJobLogger },
        { provide: IRunRepository, useClass: TypeormRunRepository },
        { provide: IRunHistory, useClass: TypeormRunHistory },
        { provide: IRunLeases, useClass: TypeormRunLeases },
        { provide: IRunGates, useClass: TypeormRunGates },
        { provide: IRunRings, useClass: TypeormRunRings },
        { provide: IStatistics, useClass: TypeormStatistics },
        { provide: IBackfillRepository, useClass: TypeormBackfillRepository },
        { provide: IRunLedger, useClass: TypeormRunLedger },
        { provide: IRunAudits, useClass: TypeormRunAudits },
        { provide: IRunAuditLog, useClass: TypeormRunAuditLog },
        { provide: ILedgerAudits, useClass: TypeormLedgerAudits },
        { provide: IFailureNotices, useClass: TypeormFailureNotices },
      ],
      exports: [IRunPlanner, IFailureNotices, LeaseKeeper, RunWorker],
    };
  }
}
