import { Module } from '@nestjs/common';
import { RunRecordsModule } from '../run-records.module.js';
import { BullJobScheduler } from './adapters/bull-job-scheduler.js';
import { RedisMemoryPolicy } from './adapters/redis-memory-policy.js';
import { IJobScheduler } from './interfaces/job-scheduler.js';
import { IOwedDoorbells } from './interfaces/owed-doorbells.js';
import { TypeormOwedDoorbells } from './repositories/typeorm-owed-doorbells.js';
import { OwedDoorbellRinger } from './services/owed-doorbell-ringer.js';
import { DirectStarts } from './services/direct-starts.js';
import { DoorbellDispatcher } from './services/doorbell-dispatcher.js';

/** Tells workers what is due: rings after a commit, rings again what is owed, starts here what can start here. */
@Module({
  imports: [RunRecordsModule],
  providers: [
    OwedDoorbellRinger,
    DirectStarts,
    RedisMemoryPolicy,
    DoorbellDispatcher,
    { provide: IJobScheduler, useClass: BullJobScheduler },
    { provide: IOwedDoorbells, useClass: TypeormOwedDoorbells },
  ],
  exports: [OwedDoorbellRinger, DirectStarts, RedisMemoryPolicy, DoorbellDispatcher, IJobScheduler, IOwedDoorbells],
})
export class DispatchModule {}
