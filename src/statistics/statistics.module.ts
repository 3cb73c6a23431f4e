import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { UsersModule } from '../users/users.module.js';
import { AdminStatsController } from './controllers/admin-stats.controller.js';
import { IStatistics } from './interfaces/statistics.js';
import { TypeormStatistics } from './repositories/typeorm-statistics.js';
import { Statistics } from './services/statistics.js';

/** Figures of the whole installation, for admins. */
@Module({})
export class StatisticsModule {
  static of(config: Config): DynamicModule {
    return {
      module: StatisticsModule,
      imports: [UsersModule],
      controllers: config.roles.includes('api') ? [AdminStatsController] : [],
      providers: [Statistics, { provide: IStatistics, useClass: TypeormStatistics }],
    };
  }
}
