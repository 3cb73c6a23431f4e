import { Inject, Injectable } from '@nestjs/common';
import { ITransactionRunner } from '../../kernel/transaction.js';
import { mailRefusal, mailUse } from '../domain/mail-quota.js';
import type { MailRefusal, MailUse } from '../domain/mail-quota.js';
import { IMailCounts } from '../interfaces/mail-counts.js';
import { QuotasService } from './quotas.service.js';

/** How many mails go out for a user. Counted before they are tried, so that a server that refuses them all is not asked for ever. */
@Injectable()
export class MailQuotaService {
  constructor(
    @Inject(IMailCounts) private readonly counts: IMailCounts,
    @Inject(ITransactionRunner) private readonly transactions: ITransactionRunner,
    private readonly quotas: QuotasService,
  ) {}

  /**
   * Takes `count` mails of what the user may send, all of them or none, whoever else does so at the same time.
   * @returns why not; undefined when they may go out
   */
  async take(userId: string, count: number): Promise<MailRefusal | undefined> {
    const limits = await this.quotas.of(userId);
    if (limits.mailsPerHour === 0 && limits.mailsPerDay === 0) return undefined;
    return this.transactions.run(async (tx) => {
      const counted = await this.counts.lock(tx, userId);
      // Somebody who is gone has no mail sent; their jobs are being cancelled.
      if (!counted) return undefined;
      const refusal = mailRefusal(counted.hours, counted.now, count, limits);
      if (!refusal) await this.counts.add(tx, userId, count, counted.now);
      return refusal;
    });
  }

  async use(userId: string): Promise<MailUse> {
    const { hours, now } = await this.counts.read(userId);
    return mailUse(hours, now);
  }
}
