import { Module } from '@nestjs/common';
import { IdempotencyModule } from '../idempotency/idempotency.module.js';
import { RedisWorkerCalls } from './adapters/redis-worker-calls.js';
import { IFailureNotices } from './interfaces/failure-notices.js';
import { IJobLogger } from './interfaces/job-logger.js';
import { IJobLogReader } from './interfaces/job-logger.js';
import { IRunRepository } from './interfaces/run-repository.js';
import { IWorkerCalls } from './interfaces/worker-calls.js';
import { TypeormFailureNotices } from './repositories/typeorm-failure-notices.js';
import { TypeormJobLogger } from './repositories/typeorm-job-logger.js';
import { TypeormRunRepository } from './repositories/typeorm-run.repository.js';
import { Beginnings } from './services/beginnings.js';
import { RunQueries } from './services/run-queries.js';
import { Triggers } from './services/triggers.js';

/** What a run is: its rows, its log, what people read of it and ask of it. */
@Module({
  imports: [IdempotencyModule],
  providers: [
    Beginnings,
    RunQueries,
    TypeormJobLogger,
    Triggers,
    { provide: IWorkerCalls, useClass: RedisWorkerCalls },
    { provide: IJobLogger, useExisting: TypeormJobLogger },
    { provide: IJobLogReader, useExisting: TypeormJobLogger },
    { provide: IRunRepository, useClass: TypeormRunRepository },
    { provide: IFailureNotices, useClass: TypeormFailureNotices },
  ],
  exports: [
    Beginnings,
    RunQueries,
    TypeormJobLogger,
    Triggers,
    IWorkerCalls,
    IJobLogger,
    IJobLogReader,
    IRunRepository,
    IFailureNotices,
  ],
})
export class RunRecordsModule {}
