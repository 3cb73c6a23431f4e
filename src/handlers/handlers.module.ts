import { Global, Inject, Module } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService } from '@nestjs/core';
import { Config } from '../config/config.js';
import { IHandlerCatalogue } from '../jobs/interfaces/handler-catalogue.js';
import { IJobExecutor } from '../runs/execution/interfaces/job-executor.js';
import { HandlerCatalogue } from './adapters/handler-catalogue.js';
import { discoverHandlers } from './adapters/handler-discovery.js';
import { HandlerExecutor } from './adapters/calls/handler-executor.js';
import { SecretExecutor } from './adapters/calls/secret-executor.js';
import { NodemailerMailer } from './adapters/nodemailer-mailer.js';
import { ConnectorParts, systemParts } from './adapters/http/ssrf-guard.js';
import { HandlerThreads, ThreadStart } from './adapters/threads/handler-threads.js';
import { refuseUnthreadable } from './adapters/threads/thread-check.js';
import { GuardedHttpClient, ownAddresses } from './adapters/http/guarded-http-client.js';
import { EmailHandler } from './builtin/email-handler.js';
import { HttpHandler } from './builtin/http-handler.js';
import { LogHandler } from './builtin/log-handler.js';
import { customHandlers } from './custom/custom-handlers.js';
import { AddressPolicy } from './domain/address-policy.js';
import { HandlerRegistry } from './domain/handler-registry.js';
import { MailQuotaService } from '../quotas/services/mail-quota.service.js';
import { IHttpClient } from './interfaces/http-client.js';
import { IMailAllowance } from './interfaces/mail-allowance.js';
import { IMailer } from './interfaces/mailer.js';

const hostOf = (url = ''): string | undefined => (URL.canParse(url) ? new URL(url).hostname : undefined);

/** Global, because jobs and runs ask for ports that only this later feature implements. */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    {
      provide: HandlerRegistry,
      inject: [DiscoveryService],
      useFactory: (discovery: DiscoveryService) => new HandlerRegistry(() => discoverHandlers(discovery)),
    },
    {
      provide: AddressPolicy,
      inject: [Config],
      useFactory: ({ handlers: { allowLoopback, allowAddresses, denyAddresses }, http }: Config) =>
        new AddressPolicy({
          allowLoopback,
          allow: allowAddresses,
          deny: denyAddresses,
          own: allowLoopback ? [] : ownAddresses(),
          ownHost: hostOf(http.publicUrl),
        }),
    },
    { provide: IHandlerCatalogue, useClass: HandlerCatalogue },
    { provide: ThreadStart, useValue: {} },
    HandlerThreads,
    HandlerExecutor,
    { provide: IJobExecutor, useClass: SecretExecutor },
    { provide: ConnectorParts, useValue: systemParts },
    { provide: IHttpClient, useClass: GuardedHttpClient },
    { provide: IMailAllowance, useExisting: MailQuotaService },
    { provide: IMailer, useClass: NodemailerMailer },
    ...[HttpHandler, EmailHandler, LogHandler],
    ...customHandlers,
  ],
  exports: [IHandlerCatalogue, IJobExecutor, IHttpClient, IMailer],
})
export class HandlersModule implements OnModuleInit {
  constructor(@Inject(HandlerRegistry) private readonly registry: HandlerRegistry) {}

  /** Stops the boot when a name is bad or claimed twice, or a thread could not run what is to run in one. */
  async onModuleInit(): Promise<void> {
    await refuseUnthreadable(this.registry.all());
  }
}
