import { mkdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { shown } from './environment.mjs';

/** @typedef {{ host: string, port: number, directory: string, stop(): Promise<void> }} MailCatcher */

const host = '127.0.0.1';
const sizeLimitBytes = 30 * 1_048_576;

/**
 * An SMTP server that delivers nothing: it keeps each message as a file that a mail program can open, and says so in one
 * line. Any login is welcome; nothing but this machine can reach it.
 *
 * @param {object} options
 * @param {string} options.directory for the `.eml` files; made when missing
 * @param {number} [options.port] a free one by default
 * @param {(line: string) => void} [options.log]
 * @returns {Promise<MailCatcher>}
 */
export async function startMailCatcher({ directory, port = 0, log = console.log }) {
  const folder = resolve(directory);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let caught = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    size: sizeLimitBytes,
    onAuth: (auth, _session, callback) => callback(null, { user: auth.username ?? 'anyone' }),
    onData: (stream, session, callback) => {
      void buffer(stream)
        .then(async (message) => {
          caught += 1;
          const recipients = session.envelope.rcptTo.map(({ address }) => address);
          const file = join(folder, fileName(new Date(), caught, recipients[0] ?? 'nobody'));
          await writeFile(file, message, { mode: 0o600 });
          const { subject = '' } = await PostalMime.parse(message);
          const line = `Mail to ${recipients.join(', ')}: "${subject}" → ${shown(file)}`;
          log(line.replaceAll(/\p{Cc}/gu, ' '));
        })
        .then(() => callback(), callback);
    },
  });
  server.on('error', () => {}); // a client that hangs up is its own matter
  await new Promise((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(port, host, () => resolve(undefined));
  });
  const address = /** @type {import('node:net').AddressInfo} */ (server.server.address());
  const stop = () => new Promise((/** @type {(value: void) => void} */ resolve) => server.close(() => resolve()));
  return { host, port: address.port, directory: folder, stop };
}

/**
 * @param {Date} time
 * @param {number} count
 * @param {string} recipient
 * @returns {string} sorts by time; safe on every file system
 */
function fileName(time, count, recipient) {
  const instant = time.toISOString().replaceAll(/[:.]/g, '-');
  return `${instant}-${String(count).padStart(4, '0')}-${recipient.replaceAll(/[^a-zA-Z0-9@._+-]/g, '_').slice(0, 80)}.eml`;
}
