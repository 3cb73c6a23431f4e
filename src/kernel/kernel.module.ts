import { Global, Module } from '@nestjs/common';
import { IClock, SystemClock } from './clock.js';
import { HealthChecks } from './health.js';

@Global()
@Module({ providers: [{ provide: IClock, useClass: SystemClock }, HealthChecks], exports: [IClock, HealthChecks] })
export class KernelModule {}
