import { readDatabaseUrl } from './database-url.js';
import type { EnvironmentReader } from './environment-reader.js';
import { readSsl } from './ssl-settings.js';

/** Silence beyond a statement's own limit, in ms, that still may be the network. */
const silenceAfterStatementMs = 5_000;

/** How long a statement may take, and how long PostgreSQL may be silent. */
export function readStatementLimits(read: EnvironmentReader) {
  const statementTimeoutMs = read.integer('DB_STATEMENT_TIMEOUT_MS', 15_000, { min: 100, max: 600_000 });
  const silenceMs = read.integer('DB_SILENCE_MS', statementTimeoutMs + silenceAfterStatementMs, {
    min: 200,
    max: 660_000,
  });
  if (silenceMs <= statementTimeoutMs)
    read.refuse(
      `DB_SILENCE_MS is "${silenceMs}"; it must be above DB_STATEMENT_TIMEOUT_MS, ${statementTimeoutMs}: a slow statement is not a dead connection.`,
    );
  return {
    /** Statement time limit in ms; a slower statement is cancelled by the server. */
    statementTimeoutMs,
    /** A connection without a byte for this many ms, while a statement is under way, has died in silence and is replaced. */
    silenceMs,
  };
}

/** Where PostgreSQL is, who asks, and how connections are encrypted: `DATABASE_URL`, or its parts one by one. */
export function readDatabaseAddress(read: EnvironmentReader) {
  const url = readDatabaseUrl(read);
  const host = read.text('DB_HOST', url.host ?? '127.0.0.1');
  return {
    /** Name, address, or the folder of a Unix socket. */
    host,
    port: read.integer('DB_PORT', url.port ?? 5432, { min: 1, max: 65_535 }),
    username: read.text('DB_USERNAME', url.username ?? 'punctual'),
    password: read.text('DB_PASSWORD', url.password ?? ''),
    database: read.text('DB_DATABASE', url.database ?? 'punctual'),
    ssl: readSsl(read, 'DB', url.ssl ?? 'disable', host),
  };
}
