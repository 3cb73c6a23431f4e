import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { AuditModule } from './audit/audit.module.js';
import { AuthModule } from './auth/auth.module.js';
import type { Config } from './config/config.js';
import { ConfigModule } from './config/config.module.js';
import { DatabaseModule } from './database/database.module.js';
import { entities } from './entities.js';
import { HandlersModule } from './handlers/handlers.module.js';
import { HttpModule } from './http/http.module.js';
import { KernelModule } from './kernel/kernel.module.js';
import { LimitsModule } from './limits/limits.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { NotificationsModule } from './notifications/notifications.module.js';
import { QueueModule } from './queue/queue.module.js';
import { QuotasModule } from './quotas/quotas.module.js';
import { RetentionModule } from './retention/retention.module.js';
import { RunsModule } from './runs/runs.module.js';
import { SecretsModule } from './secrets/secrets.module.js';
import { StatisticsModule } from './statistics/statistics.module.js';
import { UsersModule } from './users/users.module.js';

@Module({})
export class AppModule {
  /** All features, each with the parts that this process's roles need. */
  static of(config: Config): DynamicModule {
    return {
      module: AppModule,
      imports: [
        KernelModule,
        ConfigModule.of(config),
        DatabaseModule.of(entities),
        QueueModule,
        HttpModule,
        UsersModule,
        AuthModule.of(config),
        // Their guards come after the one that says who asks.
        ...(config.roles.includes('api') ? [LimitsModule] : []),
        AuditModule.of(config),
        QuotasModule.of(config),
        SecretsModule.of(config),
        RunsModule.of(config),
        StatisticsModule.of(config),
        HandlersModule,
        NotificationsModule,
        RetentionModule,
        MetricsModule,
      ],
    };
  }
}
