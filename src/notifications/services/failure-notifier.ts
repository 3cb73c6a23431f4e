import { Inject, Injectable, Logger } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { singleLine } from '../../handlers/domain/mail-address.js';
import { IMailer } from '../../handlers/interfaces/mailer.js';
import { NonRetryableError } from '../../runs/domain/outcome.js';
import { IFailureNotices } from '../../runs/interfaces/failure-notices.js';
import { MailQuotaService } from '../../quotas/services/mail-quota.service.js';
import type { FailureNotice } from '../../runs/domain/failure-notice.js';
import { failureMail } from '../domain/failure-mail.js';
import { sendAgainAfterMs } from '../domain/send-again.js';

const batchSize = 10;
/** Longer than ten mails can take to a server that answers each step at the last moment. */
const holdMs = 300_000;
const maxSubjectLength = 200;

/** Tells owners by e-mail that a run has failed for good, once for each run. */
@Injectable()
export class FailureNotifier {
  private readonly logger = new Logger(FailureNotifier.name);
  private readonly breakingOff = new AbortController();

  constructor(
    @Inject(IFailureNotices) private readonly notices: IFailureNotices,
    @Inject(IMailer) private readonly mailer: IMailer,
    @Inject(Config) private readonly config: Config,
    private readonly quota: MailQuotaService,
  ) {}

  /** Says once what a missing mail server means, rather than at each failure. */
  announce(): void {
    if (this.mailer.isConfigured || !this.config.notifications.onFailure) return;
    this.logger.warn(
      'No mail server is configured (SMTP_HOST): owners are not told by e-mail when a run fails for good',
    );
  }

  /** Takes one batch of owed notices and sends them. @returns whether more may be waiting */
  async notifyOwed(): Promise<boolean> {
    const owed = await this.notices.take(batchSize, holdMs);
    await Promise.all(owed.map((notice) => this.notify(notice)));
    return owed.length === batchSize;
  }

  /** Ends what is being sent: it is owed still. */
  breakOff(): void {
    this.breakingOff.abort(new Error('The process is stopping'));
  }

  private async notify(notice: FailureNotice): Promise<void> {
    if (!this.mailer.isConfigured) return this.notices.done(notice.runId);
    try {
      if (await this.quota.take(notice.ownerId, 1)) this.noteLeftOut(notice);
      else await this.send(notice);
    } catch (error) {
      return this.sendLater(notice, error);
    }
    await this.notices.done(notice.runId);
  }

  /** Later would be too late, and many at once: the runs' pages say what has failed. */
  private noteLeftOut({ jobId, runId }: FailureNotice): void {
    this.logger.warn(
      `The owner of job ${jobId} was not told that run ${runId} failed: their quota of mails is used up`,
    );
  }

  private async send(notice: FailureNotice): Promise<void> {
    const { subject, text, html } = failureMail(notice, this.config.http.publicUrl ?? null);
    await this.mailer.send({
      id: `${notice.runId}.failed`,
      to: [notice.ownerEmail],
      subject: singleLine(subject, maxSubjectLength),
      ...{ text, html },
      // Keeps holiday replies away (RFC 3834).
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Punctual-Run-Id': notice.runId },
      signal: this.breakingOff.signal,
    });
  }

  private async sendLater(notice: FailureNotice, error: unknown): Promise<void> {
    const tries = notice.tries + 1;
    const delayMs = error instanceof NonRetryableError ? null : sendAgainAfterMs(tries);
    const what = `The owner of job ${notice.jobId} could not be told that run ${notice.runId} failed (try ${tries})`;
    if (delayMs === null) {
      this.logger.error(`${what}; given up: ${String(error)}`);
      return this.notices.done(notice.runId);
    }
    this.logger.warn(`${what}; trying again in ${delayMs / 1_000} s: ${String(error)}`);
    await this.notices.postpone(notice.runId, delayMs);
  }
}
