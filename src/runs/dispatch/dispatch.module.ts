import { Module } from '@nestjs/common';
import { RunRecordsModule } from '../run-records.module.js';
import { BullJobScheduler } from './adapters/bull-job-scheduler.js';
import { RedisMemoryPolicy } from './adapters/redis-memory-policy.js';
import { IJobScheduler } from './interfaces/job-scheduler.js';
import { IRunRings } from './interfaces/run-rings.js';
import { TypeormRunRings } from './repositories/typeorm-run-rings.js';
import { BellRinger } from './services/bell-ringer.js';
import { Births } from './services/births.js';
import { Ringer } from './services/ringer.js';

/** Tells workers what is due: rings after a commit, rings again what is owed, starts here what can start here. */
@Module({
  imports: [RunRecordsModule],
  providers: [
    BellRinger,
    Births,
    RedisMemoryPolicy,
    Ringer,
    { provide: IJobScheduler, useClass: BullJobScheduler },
    { provide: IRunRings, useClass: TypeormRunRings },
  ],
  exports: [BellRinger, Births, RedisMemoryPolicy, Ringer, IJobScheduler, IRunRings],
})
export class DispatchModule {}
