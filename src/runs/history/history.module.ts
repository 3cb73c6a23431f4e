import { Module } from '@nestjs/common';
import { RunRecordsModule } from '../run-records.module.js';
import { IRunHistory } from './interfaces/run-history.js';
import { TypeormRunHistory } from './repositories/typeorm-run-history.js';
import { RunRetention } from './services/run-retention.js';

/** Prunes runs and jobs that are older than the configuration keeps them. */
@Module({
  imports: [RunRecordsModule],
  providers: [RunRetention, { provide: IRunHistory, useClass: TypeormRunHistory }],
  exports: [RunRetention, IRunHistory],
})
export class HistoryModule {}
