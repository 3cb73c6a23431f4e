import { Global, Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { IdempotencyModule } from '../idempotency/idempotency.module.js';
import { JobsModule } from '../jobs/jobs.module.js';
import { UsersModule } from '../users/users.module.js';
import { BackfillsModule } from './backfills/backfills.module.js';
import { AdminBackfillsController } from './backfills/controllers/admin-backfills.controller.js';
import { AdminJobBackfillsController } from './backfills/controllers/admin-job-backfills.controller.js';
import { BackfillsController } from './backfills/controllers/backfills.controller.js';
import { AdminJobRunsController } from './controllers/admin-job-runs.controller.js';
import { AdminRunsController } from './controllers/admin-runs.controller.js';
import { JobRunsController } from './controllers/job-runs.controller.js';
import { RunsController } from './controllers/runs.controller.js';
import { DispatchModule } from './dispatch/dispatch.module.js';
import { Engine } from './engine.js';
import { ExecutionModule } from './execution/execution.module.js';
import { HistoryModule } from './history/history.module.js';
import { AdminJobTimesController } from './ledger/controllers/admin-job-times.controller.js';
import { AdminRunExplanationController } from './ledger/controllers/admin-run-explanation.controller.js';
import { JobTimesController } from './ledger/controllers/job-times.controller.js';
import { RunExplanationController } from './ledger/controllers/run-explanation.controller.js';
import { LedgerModule } from './ledger/ledger.module.js';
import { PlanningModule } from './planning/planning.module.js';
import { RecoveryModule } from './recovery/recovery.module.js';
import { RunRecordsModule } from './run-records.module.js';

/** What a run is, and the stages of what is done with runs, in their order (docs/architecture.md). */
const stages = [
  RunRecordsModule,
  HistoryModule,
  DispatchModule,
  PlanningModule,
  ExecutionModule,
  BackfillsModule,
  LedgerModule,
  RecoveryModule,
];

/** Global, because jobs ask for `IRunPlanner`, which only this later feature implements. */
@Global()
@Module({})
export class RunsModule {
  static of(config: Config): DynamicModule {
    return {
      module: RunsModule,
      imports: [IdempotencyModule, JobsModule.of(config), UsersModule, ...stages],
      controllers: config.roles.includes('api')
        ? [
            AdminBackfillsController,
            AdminJobBackfillsController,
            AdminJobRunsController,
            AdminJobTimesController,
            AdminRunExplanationController,
            AdminRunsController,
            BackfillsController,
            JobRunsController,
            JobTimesController,
            RunExplanationController,
            RunsController,
          ]
        : [],
      providers: [Engine],
      exports: [RunRecordsModule, PlanningModule, ExecutionModule],
    };
  }
}
