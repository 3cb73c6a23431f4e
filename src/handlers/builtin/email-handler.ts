import { Inject } from '@nestjs/common';
import type { FieldProblem } from '../../kernel/errors.js';
import type { JsonObject } from '../../kernel/json.js';
import { JobHandler } from '../domain/job-handler.js';
import type { HandlerContext } from '../domain/job-handler.js';
import { EmailPayload } from '../dto/email-payload.js';
import { IMailAllowance } from '../interfaces/mail-allowance.js';
import { IMailer } from '../interfaces/mailer.js';
import { NonRetryableError, RetryLaterError } from '../../runs/domain/outcome.js';

/** Sends one message. A lost attempt is parked: nobody can tell whether its message has gone out already. */
@JobHandler('email', { payload: EmailPayload, onLost: 'park' })
export class EmailHandler implements JobHandler<EmailPayload> {
  constructor(
    @Inject(IMailer) private readonly mailer: IMailer,
    @Inject(IMailAllowance) private readonly allowance: IMailAllowance,
  ) {}

  validate({ text, html }: EmailPayload): FieldProblem[] {
    const problems: FieldProblem[] = [];
    if (!text && !html) problems.push({ pointer: '/text', detail: 'An e-mail needs a text, an html body, or both.' });
    if (!this.mailer.isConfigured)
      problems.push({ pointer: '', detail: 'This system sends no e-mail: no mail server is configured (SMTP_HOST).' });
    return problems;
  }

  async handle({ payload, runId, jobId, userId, signal, log }: HandlerContext<EmailPayload>): Promise<JsonObject> {
    const { to = [], cc, bcc, subject, text, html } = payload;
    await this.takeAllowance(userId, [to, cc, bcc].flat().filter(Boolean).length);
    const headers = { 'X-Punctual-Job-Id': jobId, 'X-Punctual-Run-Id': runId };
    const { messageId, accepted, rejected } = await this.mailer.send({
      ...{ id: runId, to, subject, headers, signal },
      ...(cc && { cc }),
      ...(bcc && { bcc }),
      ...(text && { text }),
      ...(html && { html }),
    });
    log(`Taken by the mail server for ${accepted.length} of ${accepted.length + rejected.length} recipients.`);
    return { messageId, accepted, rejected };
  }

  /** @param count recipients: a mail to fifty is fifty mails */
  private async takeAllowance(userId: string, count: number): Promise<void> {
    const refusal = await this.allowance.take(userId, count);
    if (!refusal) return;
    const { quota, allowed, used, retryAfterMs } = refusal;
    const window = quota === 'mailsPerHour' ? 'an hour' : 'a day';
    const message = `MAIL_QUOTA_REACHED: the job's owner may mail ${allowed} recipients in ${window} and has mailed ${used}; ${count} more would be too many.`;
    throw retryAfterMs === null ? new NonRetryableError(message) : new RetryLaterError(message, retryAfterMs);
  }
}
