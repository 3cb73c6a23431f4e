import { Global, Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { LimitsModule } from '../limits/limits.module.js';
import { UsersModule } from '../users/users.module.js';
import { AdminQuotasController } from './controllers/admin-quotas.controller.js';
import { QuotasController } from './controllers/quotas.controller.js';
import { IMailCounts } from './interfaces/mail-counts.js';
import { IQuotaRepository } from './interfaces/quota-repository.js';
import { TypeormMailCounts } from './repositories/typeorm-mail-counts.js';
import { TypeormQuotaRepository } from './repositories/typeorm-quota.repository.js';
import { MailQuotaService } from './services/mail-quota.service.js';
import { PayloadQuotaService } from './services/payload-quota.service.js';
import { QuotaAdministrationService } from './services/quota-administration.service.js';
import { QuotasService } from './services/quotas.service.js';
import { SubmissionQuotaService } from './services/submission-quota.service.js';

const everywhere = [MailQuotaService, PayloadQuotaService, QuotasService];
/** What counts in Redis, and what answers requests. */
const ofApi = [QuotaAdministrationService, SubmissionQuotaService];

/** How much each user may have and do. Needs `ILiveJobs`, which a later feature provides globally. */
@Global()
@Module({})
export class QuotasModule {
  static of(config: Config): DynamicModule {
    const isApi = config.roles.includes('api');
    return {
      module: QuotasModule,
      imports: [UsersModule, ...(isApi ? [LimitsModule] : [])],
      controllers: isApi ? [QuotasController, AdminQuotasController] : [],
      providers: [
        ...everywhere,
        ...(isApi ? ofApi : []),
        { provide: IMailCounts, useClass: TypeormMailCounts },
        { provide: IQuotaRepository, useClass: TypeormQuotaRepository },
      ],
      exports: [...everywhere, ...(isApi ? [SubmissionQuotaService] : [])],
    };
  }
}
