import { Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_PIPE, DiscoveryModule } from '@nestjs/core';
import { AccessDeclarations } from './routes/access-declarations.js';
import { AuditDeclarations } from './routes/audit-declarations.js';
import { HealthController } from './controllers/health.controller.js';
import { BodyMeanings } from './validation/body-meanings.js';
import { RequestValidationPipe } from './validation/request-validation.pipe.js';
import { ProblemDetailsFilter } from './problems/problem-details.filter.js';
import { ReadinessService } from './services/readiness.js';

/** What every route shares: a declared access rule and audit action, validation, problem details, and the health of the process. */
@Global()
@Module({
  imports: [DiscoveryModule],
  controllers: [HealthController],
  providers: [
    AccessDeclarations,
    AuditDeclarations,
    BodyMeanings,
    ReadinessService,
    { provide: APP_FILTER, useClass: ProblemDetailsFilter },
    { provide: APP_PIPE, useClass: RequestValidationPipe },
  ],
  exports: [BodyMeanings],
})
export class HttpModule {}
