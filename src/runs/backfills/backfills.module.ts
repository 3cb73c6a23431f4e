import { Module } from '@nestjs/common';
import { IdempotencyModule } from '../../idempotency/idempotency.module.js';
import { DispatchModule } from '../dispatch/dispatch.module.js';
import { HistoryModule } from '../history/history.module.js';
import { RunRecordsModule } from '../run-records.module.js';
import { IBackfillRepository } from './interfaces/backfills.js';
import { TypeormBackfillRepository } from './repositories/typeorm-backfill.repository.js';
import { BackfillRetention } from './services/backfill-retention.js';
import { Backfiller } from './services/backfiller.js';
import { Backfills } from './services/backfills.js';

/** Makes up a range of past times that somebody asks for. */
@Module({
  imports: [IdempotencyModule, RunRecordsModule, HistoryModule, DispatchModule],
  providers: [
    Backfiller,
    Backfills,
    { provide: IBackfillRepository, useClass: TypeormBackfillRepository },
    BackfillRetention,
  ],
  exports: [Backfiller, Backfills, IBackfillRepository, BackfillRetention],
})
export class BackfillsModule {}
