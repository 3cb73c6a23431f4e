import { Module } from '@nestjs/common';
import { IRunPlanner } from '../../jobs/interfaces/run-planner.js';
import { DispatchModule } from '../dispatch/dispatch.module.js';
import { HistoryModule } from '../history/history.module.js';
import { RunRecordsModule } from '../run-records.module.js';
import { RunPlanner } from './services/run-planner.js';
import { Ticker } from './services/ticker.js';

/** Creates the runs of jobs before they are due. */
@Module({
  imports: [RunRecordsModule, HistoryModule, DispatchModule],
  providers: [Ticker, { provide: IRunPlanner, useClass: RunPlanner }],
  exports: [Ticker, IRunPlanner],
})
export class PlanningModule {}
