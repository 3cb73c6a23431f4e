import { sslModes } from './ssl-settings.js';
import type { SslMode } from './ssl-settings.js';
import type { EnvironmentReader } from './environment-reader.js';

/** What a URL says; what it leaves out is undefined. */
export interface DatabaseUrl {
  host?: string;
  port?: number;
  username?: string;
  password?: string;
  database?: string;
  ssl?: SslMode;
}

const form =
  /^postgres(?:ql)?:\/\/(?:([^:@/?#]*)(?::([^@/?#]*))?@)?(\[[0-9a-f:.]+\]|[^:@/?#[\],]*)(?::(\d*))?(?:\/([^/?#]*))?(?:\?([^#]*))?$/i;
const apart = ['DB_HOST', 'DB_PORT', 'DB_USERNAME', 'DB_PASSWORD', 'DB_DATABASE'];
const highestPort = 65_535;
const advice = {
  sslrootcert: 'DB_SSL_CA',
  sslcert: 'DB_SSL_CERT',
  sslkey: 'DB_SSL_KEY',
} as const;

/**
 * Reads `DATABASE_URL` as libpq does (PostgreSQL 18, 32.1.1.2. Connection URIs). Every part is obeyed or refused. Its text may hold a
 * password: it is not repeated.
 */
export function readDatabaseUrl(read: EnvironmentReader): DatabaseUrl {
  const text = read.optionalText('DATABASE_URL');
  if (text === undefined) return {};
  const beside = apart.filter((name) => read.has(name));
  if (beside.length > 0)
    read.refuse(
      `DATABASE_URL and ${beside.join(', ')} are both set: set the URL, or its parts, for one of them would be ignored.`,
    );
  const [whole, username, password, host, port, database, query = ''] = form.exec(text) ?? [];
  try {
    if (whole === undefined) throw new URIError('No such form');
    const known = {
      ...given('username', username),
      ...given('password', password),
      ...given('host', host?.replace(/^\[|\]$/g, '')),
      ...given('database', database),
      ...(port && { port: portOf(port) }),
    };
    return { ...known, ...parameters(read, query, known) };
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    read.refuse(
      'DATABASE_URL must look like postgresql://user:password@host:5432/database?sslmode=verify-full, with one host; ' +
        'what is special in a name or password is percent-encoded, such as %40 for @.',
    );
    return {};
  }
}

function parameters(read: EnvironmentReader, query: string, { host }: DatabaseUrl): DatabaseUrl {
  const found: DatabaseUrl = {};
  for (const [name, value] of query.split('&').filter(Boolean).map(pair)) {
    if (name === 'sslmode') {
      const ssl = sslModes.find((mode) => mode === value);
      if (ssl) found.ssl = ssl;
      else read.refuse(`DATABASE_URL says sslmode=${value}; it must be one of ${sslModes.join(', ')}.`);
    } else if (name === 'host' && host === undefined && value && !value.includes(',')) found.host = value;
    else {
      const instead = name in advice ? `set ${advice[name as keyof typeof advice]} in its place` : 'take it out';
      read.refuse(`DATABASE_URL has the parameter ${name}, which would be ignored: ${instead}.`);
    }
  }
  if (found.ssl && read.has('DB_SSL') && read.optionalText('DB_SSL') !== found.ssl)
    read.refuse(`DATABASE_URL says sslmode=${found.ssl} and DB_SSL says something else: leave one of them out.`);
  return found;
}

const pair = (part: string): [string, string] => {
  const [name = '', ...value] = part.split('=');
  return [decodeURIComponent(name), decodeURIComponent(value.join('='))];
};

const given = (name: string, part: string | undefined): DatabaseUrl =>
  part ? { [name]: decodeURIComponent(part) } : {};

function portOf(text: string): number {
  const port = Number(text);
  if (port < 1 || port > highestPort) throw new URIError('No such port');
  return port;
}
