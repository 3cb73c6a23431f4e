import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { Module } from '@nestjs/common';
import { DispatchModule } from '../dispatch/dispatch.module.js';
import { HistoryModule } from '../history/history.module.js';
import { RunRecordsModule } from '../run-records.module.js';
import { IRunGates } from './interfaces/run-gates.js';
import { IRunLeases } from './interfaces/run-leases.js';
import { WorkerId } from './interfaces/worker-id.js';
import { DoorbellProcessor } from './processors/doorbell.processor.js';
import { TypeormRunGates } from './repositories/typeorm-run-gates.js';
import { TypeormRunLeases } from './repositories/typeorm-run-leases.js';
import { SettlementFollowUp } from './services/settlement-follow-up.js';
import { AttemptRunner } from './services/attempt-runner.js';
import { LateStartCheck } from './services/late-start-check.js';
import { LeaseKeeper } from './services/lease-keeper.js';
import { RunLogs } from './services/run-logs.js';
import { RunWorker } from './services/run-worker.js';
import { Settler } from './services/settler.js';
import { StartGate } from './services/start-gate.js';

/** Claims runs, decides their gates, executes attempts under leases, and settles them. */
@Module({
  imports: [RunRecordsModule, HistoryModule, DispatchModule],
  providers: [
    SettlementFollowUp,
    AttemptRunner,
    DoorbellProcessor,
    LateStartCheck,
    LeaseKeeper,
    RunLogs,
    RunWorker,
    Settler,
    StartGate,
    { provide: WorkerId, useFactory: () => `${hostname()}:${process.pid}:${randomBytes(6).toString('hex')}` },
    { provide: IRunLeases, useClass: TypeormRunLeases },
    { provide: IRunGates, useClass: TypeormRunGates },
  ],
  exports: [
    SettlementFollowUp,
    AttemptRunner,
    DoorbellProcessor,
    LateStartCheck,
    LeaseKeeper,
    RunLogs,
    RunWorker,
    Settler,
    StartGate,
    WorkerId,
    IRunLeases,
    IRunGates,
  ],
})
export class ExecutionModule {}
