import type { Environment, EnvironmentReader } from './environment-reader.js';

/** Names that people know from elsewhere, and ours. */
const ours: Readonly<Record<string, string>> = {
  DB_URL: 'DATABASE_URL',
  DB_URI: 'DATABASE_URL',
  DATABASE_URI: 'DATABASE_URL',
  DATABASE_HOST: 'DB_HOST',
  DATABASE_PORT: 'DB_PORT',
  DATABASE_USER: 'DB_USERNAME',
  DATABASE_USERNAME: 'DB_USERNAME',
  DATABASE_PASSWORD: 'DB_PASSWORD',
  DATABASE_NAME: 'DB_DATABASE',
  DATABASE_SSL: 'DB_SSL',
  DB_USER: 'DB_USERNAME',
  DB_PASS: 'DB_PASSWORD',
  DB_NAME: 'DB_DATABASE',
  DB_SSLMODE: 'DB_SSL',
  DB_SSL_MODE: 'DB_SSL',
  DB_SSLROOTCERT: 'DB_SSL_CA',
  REDIS_URI: 'REDIS_URL',
  REDIS_USER: 'REDIS_USERNAME',
  REDIS_PASS: 'REDIS_PASSWORD',
  REDIS_DATABASE: 'REDIS_DB',
  REDIS_TLS_CA: 'REDIS_SSL_CA',
  REDIS_TLS_CERT: 'REDIS_SSL_CERT',
  REDIS_TLS_KEY: 'REDIS_SSL_KEY',
  PGHOST: 'DB_HOST',
  PGHOSTADDR: 'DB_HOST',
  PGPORT: 'DB_PORT',
  PGUSER: 'DB_USERNAME',
  PGPASSWORD: 'DB_PASSWORD',
  PGDATABASE: 'DB_DATABASE',
  PGSERVICE: 'DATABASE_URL',
  PGSSLMODE: 'DB_SSL',
  PGREQUIRESSL: 'DB_SSL',
  PGSSLROOTCERT: 'DB_SSL_CA',
  PGSSLCERT: 'DB_SSL_CERT',
  PGSSLKEY: 'DB_SSL_KEY',
};

/** PendingStarts of names that can mean nobody but us. */
const beginnings = /^(DB|DATABASE|REDIS)_/;
/** What Kubernetes and Docker's links tell every container about a service that is called `db` or `redis`. */
const linked = /_(SERVICE_(HOST|PORT)(_[A-Z0-9_]+)?|PORT_\d+_(TCP|UDP)(_[A-Z]+)?|ENV_[A-Za-z0-9_]+)$/;
/** Ways of libpq to the server: other programs may have them beside a server that is named to us. */
const way = /^PG(HOST|HOSTADDR|PORT|USER|PASSWORD|DATABASE|SERVICE)$/;
const encryption = /^PG(SSL[A-Z]+|REQUIRESSL)$/;

/**
 * Refuses what is set and would be ignored, though it seems to be meant for the way to PostgreSQL or Redis: somebody would believe
 * that it holds.
 *
 * @param read has been asked for every setting that there is
 */
export function refuseIgnored(read: EnvironmentReader, environment: Environment): void {
  const isNamed = read.has('DB_HOST') || read.has('DATABASE_URL');
  for (const name of Object.keys(environment).toSorted()) {
    if (read.asked.has(name) || !isMeant(name, isNamed) || !environment[name]?.trim()) continue;
    const instead = ours[name];
    read.refuse(`${name} is not a setting and would be ignored; ${instead ? `set ${instead}` : 'take it out'}.`);
  }
}

const isMeant = (name: string, isNamed: boolean): boolean =>
  encryption.test(name) || (way.test(name) && !isNamed) || (beginnings.test(name) && !linked.test(name));
