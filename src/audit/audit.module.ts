import { Global, Module } from '@nestjs/common';
import type { BeforeApplicationShutdown, DynamicModule, OnModuleInit } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { Config } from '../config/config.js';
import { IProblemWatch } from '../http/problems/problem-watch.js';
import { Prunables } from '../kernel/retention.js';
import { AsyncAuditScopes } from './adapters/async-audit-scopes.js';
import { AdminAuditController } from './controllers/admin-audit.controller.js';
import { AuditGuard } from './guards/audit.guard.js';
import { AuditedAnswers } from './guards/audited-answers.js';
import { RefusalWatch } from './guards/refusal-watch.js';
import { IAuditEvents } from './interfaces/audit-events.js';
import { IAuditScopes } from './interfaces/audit-scopes.js';
import { IAuditTrail } from './interfaces/audit-trail.js';
import { TypeormAuditEvents } from './repositories/typeorm-audit-events.js';
import { AuditBuffer } from './services/audit-buffer.js';
import { AuditQueries } from './services/audit-queries.js';
import { AuditRetention } from './services/audit-retention.js';
import { AuditTrail } from './services/audit-trail.js';

/** Who did what, to what, from where, and what was refused. Global: every feature's use cases record what they change. */
@Global()
@Module({})
export class AuditModule implements OnModuleInit, BeforeApplicationShutdown {
  constructor(
    private readonly buffer: AuditBuffer,
    private readonly retention: AuditRetention,
    private readonly prunables: Prunables,
  ) {}

  static of(config: Config): DynamicModule {
    return {
      module: AuditModule,
      controllers: config.roles.includes('api') ? [AdminAuditController] : [],
      providers: [
        AuditBuffer,
        AuditQueries,
        AuditRetention,
        { provide: IAuditEvents, useClass: TypeormAuditEvents },
        { provide: IAuditScopes, useClass: AsyncAuditScopes },
        { provide: IAuditTrail, useClass: AuditTrail },
        { provide: IProblemWatch, useClass: RefusalWatch },
        AuditedAnswers,
        { provide: APP_GUARD, useClass: AuditGuard },
      ],
      exports: [IAuditTrail, IProblemWatch],
    };
  }

  onModuleInit(): void {
    this.prunables.register(this.retention);
  }

  /** What was refused last is written before the pool closes. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.buffer.flush(true);
  }
}
