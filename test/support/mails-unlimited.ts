import { Global, Module } from '@nestjs/common';
import { MailQuotaService } from '../../src/quotas/services/mail-quota.service.js';

/** For a program without a database: nobody's mails are counted. */
@Global()
@Module({
  providers: [{ provide: MailQuotaService, useValue: { take: () => Promise.resolve(undefined) } }],
  exports: [MailQuotaService],
})
export class MailsUnlimited {}
