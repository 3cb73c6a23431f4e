import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import { createTransport } from 'nodemailer';
import addressparser from 'nodemailer/lib/addressparser';
import { Config } from '../../config/config.js';
import { NonRetryableError } from '../../runs/domain/outcome.js';
import { connectionFault } from '../domain/connection-fault.js';
import { errorText } from '../domain/error-text.js';
import type { IMailer, Mail, MailReceipt } from '../interfaces/mailer.js';

const maxErrorBytes = 2_048;
const connectTimeoutMs = 10_000;
/** Longest silence of the server in ms, between two of its answers. */
const silenceTimeoutMs = 30_000;
const loopbackHosts: readonly string[] = ['localhost', '127.0.0.1', '::1'];

@Injectable()
export class NodemailerMailer implements IMailer, OnApplicationShutdown {
  private readonly transport: ReturnType<typeof pooledTransport> | undefined;
  private readonly domain: string;

  constructor(@Inject(Config) private readonly config: Config) {
    this.transport = config.smtp.host === undefined ? undefined : pooledTransport(config.smtp, config.smtp.host);
    const sender = addressparser(config.smtp.from, { flatten: true })[0]?.address ?? '';
    this.domain = sender.split('@')[1] || 'localhost';
  }

  get isConfigured(): boolean {
    return this.transport !== undefined;
  }

  async send({ id, signal, to, cc = [], bcc = [], ...content }: Mail): Promise<MailReceipt> {
    if (!this.transport) throw new Error('No mail server is configured (SMTP_HOST).');
    const recipients = { to: [...to], cc: [...cc], bcc: [...bcc] };
    const message = { ...content, ...recipients, from: this.config.smtp.from, messageId: `<${id}@${this.domain}>` };
    try {
      const info = await this.transport.sendMail({ ...message, ...(signal && { signal }) });
      return {
        messageId: info.messageId,
        accepted: info.accepted.map(addressOf),
        rejected: info.rejected.map(addressOf),
      };
    } catch (error) {
      throw asMailError(error);
    }
  }

  onApplicationShutdown(): void {
    this.transport?.close();
  }
}

function pooledTransport(smtp: Config['smtp'], host: string) {
  const { port, secure, username, password, requireTls } = smtp;
  return createTransport({
    pool: true,
    ...{ host, port, secure, requireTLS: requireTls },
    // Nobody listens in on loopback, and a local relay's certificate is hardly ever valid.
    ignoreTLS: loopbackHosts.includes(host),
    ...(username !== undefined && { auth: { user: username, pass: password ?? '' } }),
    ...{ connectionTimeout: connectTimeoutMs, greetingTimeout: connectTimeoutMs, socketTimeout: silenceTimeoutMs },
    // A message whose connection broke may have been taken: whether it is sent again is for the job's policy to say.
    maxRequeues: 0,
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
}

const addressOf = (entry: string | { address: string }): string => (typeof entry === 'string' ? entry : entry.address);

/** A refused password is the operator's to mend, and then the message goes through: it is worth trying again. */
function asMailError(error: unknown): Error {
  const { permanent, code } = error as { permanent?: boolean; code?: string };
  // Neither the operator's mail server nor where it is.
  const text = connectionFault(error) ?? errorText(error, maxErrorBytes);
  if (permanent && code !== 'EAUTH') return new NonRetryableError(`The mail server refused the message: ${text}`);
  return new Error(`The message could not be handed to the mail server: ${text}`, { cause: undefined });
}
