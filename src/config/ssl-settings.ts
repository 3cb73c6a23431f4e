import { X509Certificate, createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { EnvironmentReader } from './environment-reader.js';

export const sslModes = ['disable', 'require', 'verify-full'] as const;
export type SslMode = (typeof sslModes)[number];

/** How connections to a server are encrypted. Certificates and keys are text in PEM (RFC 7468). */
export interface SslSettings {
  /** `require` encrypts and believes whoever answers; `verify-full` wants a certificate of a known authority for the server's name. */
  mode: SslMode;
  /** Authorities that are believed in place of those that Node.js knows. */
  ca: string | undefined;
  /** Certificate that this side shows, and its key; both or neither. */
  cert: string | undefined;
  key: string | undefined;
}

/** What `tls.connect` takes. */
export interface TlsOptions {
  host: string;
  rejectUnauthorized: boolean;
  ca?: string;
  cert?: string;
  key?: string;
}

/** Largest file that is read for one of these settings, in bytes. */
const largestFile = 1_048_576;
const isSocket = (host: string): boolean => host.startsWith('/');

/**
 * Reads `<prefix>_SSL`, `_SSL_CA`, `_SSL_CERT` and `_SSL_KEY`. The latter three are paths, or the text itself, whose line breaks may be
 * written `\n`.
 *
 * @param fallback mode where `<prefix>_SSL` is not set
 * @param host whose connections these are; a path is a Unix socket, which has no TLS
 */
export function readSsl(read: EnvironmentReader, prefix: 'DB' | 'REDIS', fallback: SslMode, host: string): SslSettings {
  const name = `${prefix}_SSL`;
  const mode = read.oneOf(name, fallback, sslModes);
  const ca = readPem(read, `${name}_CA`, (text) => new X509Certificate(text));
  const cert = readPem(read, `${name}_CERT`, (text) => new X509Certificate(text));
  const key = readPem(read, `${name}_KEY`, (text) => createPrivateKey(text));
  const set = [`${name}_CA`, `${name}_CERT`, `${name}_KEY`].filter((one) => read.has(one));
  if (mode === 'disable' && set.length > 0)
    read.refuse(`${set.join(', ')} would be ignored, for connections are not encrypted: set ${name}=verify-full.`);
  if (mode === 'require' && set.includes(`${name}_CA`))
    read.refuse(`${name}_CA would be ignored: ${name} is require, which verifies nothing; set ${name}=verify-full.`);
  if (mode !== 'disable' && isSocket(host))
    read.refuse(`${name} is ${mode}, and ${host} is a Unix socket, which has no TLS: set ${name}=disable.`);
  if (read.has(`${name}_CERT`) !== read.has(`${name}_KEY`))
    read.refuse(`${name}_CERT and ${name}_KEY belong together: one of them is not set.`);
  if (cert && key && !cert.parsed.checkPrivateKey(key.parsed))
    read.refuse(`${name}_KEY is not the key of the certificate in ${name}_CERT.`);
  return { mode, ca: ca?.text, cert: cert?.text, key: key?.text };
}

/** @returns undefined where connections are not encrypted; else a new object: drivers change what they are given */
export function tlsOptions({ mode, ca, cert, key }: SslSettings, host: string): TlsOptions | undefined {
  if (mode === 'disable') return undefined;
  return {
    // Whose certificate it must be, also where a driver has opened the socket before.
    host,
    rejectUnauthorized: mode === 'verify-full',
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
  };
}

/** The text is not repeated in what is refused: it may be a key. */
function readPem<T extends X509Certificate | KeyObject>(
  read: EnvironmentReader,
  name: string,
  parse: (text: string) => T,
): { text: string; parsed: T } | undefined {
  const value = read.optionalText(name);
  if (value === undefined) return undefined;
  try {
    const text = value.includes('-----BEGIN') ? value.replaceAll(String.raw`\n`, '\n') : readSmall(value);
    return { text, parsed: parse(text) };
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    const reason = /^E[A-Z]+$/.test(code)
      ? `names a file that cannot be read (${code})`
      : 'holds nothing in PEM that can be used';
    read.refuse(
      `${name} ${reason}; it must be the path of a file in PEM, or its text. A key must not have a passphrase.`,
    );
    return undefined;
  }
}

function readSmall(path: string): string {
  const text = readFileSync(path);
  if (text.length > largestFile) throw Object.assign(new Error('Too large'), { code: 'EFBIG' });
  return text.toString('utf8');
}
