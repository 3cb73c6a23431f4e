import { Inject } from '@nestjs/common';
import type { FieldProblem } from '../../kernel/errors.js';
import type { JsonObject } from '../../kernel/json.js';
import { JobHandler } from '../domain/job-handler.js';
import type { HandlerContext } from '../domain/job-handler.js';
import { EmailPayload } from '../dto/email-payload.js';
import { IMailer } from '../interfaces/mailer.js';

/** Sends one message. A lost attempt is parked: nobody can tell whether its message has gone out already. */
@JobHandler('email', { payload: EmailPayload, onLost: 'park' })
export class EmailHandler implements JobHandler<EmailPayload> {
  constructor(@Inject(IMailer) private readonly mailer: IMailer) {}

  validate({ text, html }: EmailPayload): FieldProblem[] {
    const problems: FieldProblem[] = [];
    if (!text && !html) problems.push({ pointer: '/text', detail: 'An e-mail needs a text, an html body, or both.' });
    if (!this.mailer.isConfigured)
      problems.push({ pointer: '', detail: 'This system sends no e-mail: no mail server is configured (SMTP_HOST).' });
    return problems;
  }

  async handle({ payload, runId, jobId, signal, log }: HandlerContext<EmailPayload>): Promise<JsonObject> {
    const { to, cc, bcc, subject, text, html } = payload;
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
}
