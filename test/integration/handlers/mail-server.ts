import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import PostalMime from 'postal-mime';
import type { Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import type { SMTPServerOptions } from 'smtp-server';

export interface MailServer {
  port: number;
  /** Messages taken, parsed, with the envelope's recipients. */
  taken: { email: Email; raw: string; recipients: string[] }[];
  close(): Promise<void>;
}

/** A real SMTP server on loopback; `options` change what it accepts. It offers STARTTLS with a certificate nobody trusts. */
export async function aMailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const taken: MailServer['taken'] = [];
  const server = new SMTPServer({
    authOptional: true,
    logger: false,
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const raw = Buffer.concat(chunks);
        const recipients = session.envelope.rcptTo.map(({ address }) => address);
        void PostalMime.parse(raw).then((email) => {
          taken.push({ email, raw: raw.toString(), recipients });
          done();
        }, done);
      });
    },
    ...options,
  });
  // A client that leaves in the middle is part of some tests.
  server.on('error', () => undefined);
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  return {
    ...{ taken, port: (listening.address() as AddressInfo).port },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** What an SMTP server says when it refuses. */
export const refusal = (code: number, text: string): Error => Object.assign(new Error(text), { responseCode: code });
