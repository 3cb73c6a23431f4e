import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { Global, Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { IdempotencyModule } from '../idempotency/idempotency.module.js';
import { IRunPlanner } from '../jobs/interfaces/run-planner.js';
import { JobsModule } from '../jobs/jobs.module.js';
import { UsersModule } from '../users/users.module.js';
import { BullJobScheduler } from './adapters/bull-job-scheduler.js';
import { RedisMemoryPolicy } from './adapters/redis-memory-policy.js';
import { RedisWorkerCalls } from './adapters/redis-worker-calls.js';
import { AdminJobRunsController } from './controllers/admin-job-runs.controller.js';
import { AdminBackfillsController } from './controllers/admin-backfills.controller.js';
import { AdminRunsController } from './controllers/admin-runs.controller.js';
import { AdminStatsController } from './controllers/admin-stats.controller.js';
import { BackfillsController } from './controllers/backfills.controller.js';
import { JobRunsController } from './controllers/job-runs.controller.js';
import { JobTimesController } from './controllers/job-times.controller.js';
import { RunExplanationController } from './controllers/run-explanation.controller.js';
import { RunsController } from './controllers/runs.controller.js';
import { Engine } from './engine.js';
import { IBackfillRepository } from './interfaces/backfills.js';
import { IFailureNotices } from './interfaces/failure-notices.js';
import { IJobLogger, IJobLogReader } from './interfaces/job-logger.js';
import { IJobScheduler } from './interfaces/job-scheduler.js';
import { IRunAuditLog } from './interfaces/run-audit-log.js';
import { IRunAudits } from './interfaces/run-audits.js';
import { IRunGates } from './interfaces/run-gates.js';
import { ILedgerAudits } from './interfaces/ledger-audits.js';
import { IRunHistory } from './interfaces/run-history.js';
import { IRunLeases } from './interfaces/run-leases.js';
import { IRunLedger } from './interfaces/run-ledger.js';
import { IRunRepository } from './interfaces/run-repository.js';
import { IRunRings } from './interfaces/run-rings.js';
import { IStatistics } from './interfaces/statistics.js';
import { IWorkerCalls } from './interfaces/worker-calls.js';
import { WorkerId } from './interfaces/worker-id.js';
import { DoorbellProcessor } from './processors/doorbell.processor.js';
import { TypeormBackfillRepository } from './repositories/typeorm-backfill.repository.js';
import { TypeormFailureNotices } from './repositories/typeorm-failure-notices.js';
import { TypeormJobLogger } from './repositories/typeorm-job-logger.js';
import { TypeormLedgerAudits } from './repositories/typeorm-ledger-audits.js';
import { TypeormRunAuditLog } from './repositories/typeorm-run-audit-log.js';
import { TypeormRunAudits } from './repositories/typeorm-run-audits.js';
import { TypeormRunGates } from './repositories/typeorm-run-gates.js';
import { TypeormRunHistory } from './repositories/typeorm-run-history.js';
import { TypeormRunLeases } from './repositories/typeorm-run-leases.js';
import { TypeormRunLedger } from './repositories/typeorm-run-ledger.js';
import { TypeormRunRepository } from './repositories/typeorm-run.repository.js';
import { TypeormRunRings } from './repositories/typeorm-run-rings.js';
import { TypeormStatistics } from './repositories/typeorm-statistics.js';
import { AfterSettlement } from './services/after-settlement.js';
import { AttemptRunner } from './services/attempt-runner.js';
import { Auditor } from './services/auditor.js';
import { Backfiller } from './services/backfiller.js';
import { Backfills } from './services/backfills.js';
import { Beginnings } from './services/beginnings.js';
import { BellRinger } from './services/bell-ringer.js';
import { Births } from './services/births.js';
import { DailyAuditor } from './services/daily-auditor.js';
import { Explanations } from './services/explanations.js';
import { Forecasts } from './services/forecasts.js';
import { Installation } from './services/installation.js';
import { LateStarts } from './services/late-starts.js';
import { LeaseKeeper } from './services/lease-keeper.js';
import { LedgerAuditor } from './services/ledger-auditor.js';
import { Ledgers } from './services/ledgers.js';
import { Recoverer } from './services/recoverer.js';
import { RedisWatch } from './services/redis-watch.js';
import { Ringer } from './services/ringer.js';
import { RunLogs } from './services/run-logs.js';
import { Triggers } from './services/triggers.js';
import { RunPlanner } from './services/run-planner.js';
import { RunQueries } from './services/run-queries.js';
import { RunRetention } from './services/run-retention.js';
import { RunWorker } from './services/run-worker.js';
import { Settler } from './services/settler.js';
import { StartGate } from './services/start-gate.js';
import { Ticker } from './services/ticker.js';

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
