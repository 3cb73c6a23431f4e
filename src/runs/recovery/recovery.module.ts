import { Module } from '@nestjs/common';
import { DispatchModule } from '../dispatch/dispatch.module.js';
import { ExecutionModule } from '../execution/execution.module.js';
import { PlanningModule } from '../planning/planning.module.js';
import { RunRecordsModule } from '../run-records.module.js';
import { Recoverer } from './services/recoverer.js';
import { DueRunPoller } from './services/due-run-poller.js';

/** Mends what a crash or a silent Redis leaves: leases that ran out, due runs that nobody was called for. */
@Module({
  imports: [RunRecordsModule, PlanningModule, ExecutionModule, DispatchModule],
  providers: [Recoverer, DueRunPoller],
  exports: [Recoverer, DueRunPoller],
})
export class RecoveryModule {}
