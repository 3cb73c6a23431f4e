/** One message, to each of its recipients. All texts are checked by the caller: no line breaks outside `text` and `html`. */
export interface Mail {
  /** Left part of the Message-ID: the same id for each try, so that a receiver can tell a repetition. */
  id: string;
  to: readonly string[];
  cc?: readonly string[];
  bcc?: readonly string[];
  subject: string;
  text?: string;
  html?: string;
  headers?: Readonly<Record<string, string>>;
  /** Ends the sending, also while the message still waits for a connection. */
  signal?: AbortSignal;
}

export interface MailReceipt {
  /** With angle brackets, as it stands in the message. */
  messageId: string;
  accepted: string[];
  /** Recipients that the server refused while it took the message for others. */
  rejected: string[];
}

export interface IMailer {
  /** Whether a server for outgoing mail is configured. */
  readonly isConfigured: boolean;

  /**
   * Hands one message to the configured server; resolves when the server has taken it for at least one recipient.
   * @throws NonRetryableError when the server refuses it for good (5xx)
   * @throws Error when it may go through later: no server, no connection, 4xx
   */
  send(mail: Mail): Promise<MailReceipt>;
}
export const IMailer = Symbol('IMailer');
