import { Global, Module } from '@nestjs/common';
import { IClock, SystemClock } from './clock.js';
import { HealthChecks } from './health.js';
import { Prunables } from './retention.js';

@Global()
@Module({
  providers: [{ provide: IClock, useClass: SystemClock }, HealthChecks, Prunables],
  exports: [IClock, HealthChecks, Prunables],
})
export class KernelModule {}
