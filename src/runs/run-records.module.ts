import { Module } from '@nestjs/common';
import { IdempotencyModule } from '../idempotency/idempotency.module.js';
import { RedisWorkerNudges } from './adapters/redis-worker-nudges.js';
import { IFailureNotices } from './interfaces/failure-notices.js';
import { IJobLogger } from './interfaces/job-logger.js';
import { IJobLogReader } from './interfaces/job-logger.js';
import { IRunRepository } from './interfaces/run-repository.js';
import { IWorkerNudges } from './interfaces/worker-nudges.js';
import { TypeormFailureNotices } from './repositories/typeorm-failure-notices.js';
import { TypeormJobLogger } from './repositories/typeorm-job-logger.js';
import { TypeormRunRepository } from './repositories/typeorm-run.repository.js';
import { PendingStarts } from './services/pending-starts.js';
import { RunQueries } from './services/run-queries.js';
import { Triggers } from './services/triggers.js';

/** What a run is: its rows, its log, what people read of it and ask of it. */
@Module({
  imports: [IdempotencyModule],
  providers: [
    PendingStarts,
    RunQueries,
    TypeormJobLogger,
    Triggers,
    { provide: IWorkerNudges, useClass: RedisWorkerNudges },
    { provide: IJobLogger, useExisting: TypeormJobLogger },
    { provide: IJobLogReader, useExisting: TypeormJobLogger },
    { provide: IRunRepository, useClass: TypeormRunRepository },
    { provide: IFailureNotices, useClass: TypeormFailureNotices },
  ],
  exports: [
    PendingStarts,
    RunQueries,
    TypeormJobLogger,
    Triggers,
    IWorkerNudges,
    IJobLogger,
    IJobLogReader,
    IRunRepository,
    IFailureNotices,
  ],
})
export class RunRecordsModule {}
