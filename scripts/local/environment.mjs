import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freePort } from './ports.mjs';
import { LaunchError } from './progress.mjs';
import { freshKey, keptSecret } from './secrets.mjs';

export const root = resolve(import.meta.dirname, '../..');

/** Goes to the project's folder and reads its `.env`; what the environment already holds wins. */
export function enterProject() {
  process.chdir(root);
  if (existsSync('.env')) process.loadEnvFile('.env');
}

/**
 * @param {string} name
 * @returns {string | undefined} an empty value counts as not set
 */
export const setting = (name) => process.env[name] || undefined;

/** Where a local run keeps its data. */
export const dataDirectory = () => resolve(setting('DATA_DIR') ?? '.data');

/**
 * @param {string} path
 * @returns {string} as a person in the project's folder would write it
 */
export function shown(path) {
  const nearby = relative(process.cwd(), path);
  return nearby === '' || nearby.startsWith('..') ? path : nearby;
}

/** @returns {Promise<number>} the TCP port to serve on; 0 in `PORT` becomes a free one */
export async function chosenPort() {
  const raw = setting('PORT') ?? '3000';
  const port = Number(raw);
  if (!/^\d+$/.test(raw) || port > 65_535) {
    throw new LaunchError(`PORT is "${raw}"; it must be a whole number from 0 to 65535, as in: PORT=3001 npm start`);
  }
  return port === 0 ? freePort() : port;
}

/**
 * @param {import('./postgres.mjs').Connection} server
 * @returns {Record<string, string>} what points Punctual at it
 */
export const databaseEnvironment = (server) =>
  // What is configured is in the environment already, with all that belongs to it.
  server.database !== undefined
    ? {}
    : {
        DB_HOST: server.host,
        DB_PORT: String(server.port),
        DB_USERNAME: server.username,
        DB_PASSWORD: server.password,
        DB_DATABASE: databaseName(),
        // A private server has no TLS.
        ...Object.fromEntries(['', '_CA', '_CERT', '_KEY'].map((part) => [`DB_SSL${part}`, ''])),
      };

/** @param {import('./postgres.mjs').Connection} [server] */
export const databaseName = (server) => server?.database ?? setting('DB_DATABASE') ?? 'punctual';

/** Whether the environment names a server, so that none is started. */
export const namesDatabase = () => Boolean(setting('DB_HOST') ?? setting('DATABASE_URL'));

/**
 * What the program itself makes of the environment; it must have been built.
 *
 * @returns {Promise<import('./postgres.mjs').Connection>} the server that `DATABASE_URL` or `DB_*` names
 * @throws {LaunchError} that lists what is wrong
 */
export async function configuredDatabase() {
  const load = (/** @type {string} */ name) => import(pathToFileURL(join(root, 'dist/config', name)).href);
  const { EnvironmentReader } = await load('environment-reader.js');
  const { readDatabaseAddress } = await load('database-settings.js');
  const { tlsOptions } = await load('ssl-settings.js');
  const read = new EnvironmentReader(process.env);
  const { ssl, ...server } = readDatabaseAddress(read);
  if (read.problems.length > 0) throw new LaunchError(read.problems.join('\n'));
  return { ...server, ssl: tlsOptions(ssl, server.host) ?? false };
}

/**
 * The secret that signs tokens: the one that is set, else, outside production, one that is invented once and kept.
 *
 * @param {string} directory
 * @returns {string}
 */
export function jwtSecret(directory) {
  const configured = setting('JWT_SECRET');
  if (configured) return configured;
  if (setting('NODE_ENV') !== 'production') return keptSecret(join(directory, 'jwt-secret'));
  throw new LaunchError(
    'NODE_ENV is production and JWT_SECRET is not set. Make one with\n\n' +
      `    node -p "crypto.randomBytes(48).toString('base64url')"\n\nand set it in the environment or in .env.`,
  );
}

/**
 * What stored secrets are encrypted with: what is set, else, outside production, a key that is invented once and kept. In production
 * without any, no secret can be stored, and whoever tries is told.
 *
 * @param {string} directory
 * @returns {string | undefined}
 */
export function secretsKeys(directory) {
  const configured = setting('SECRETS_KEYS');
  if (configured || setting('NODE_ENV') === 'production') return configured;
  return keptSecret(secretsKeysFile(directory), () => `1:${freshKey()}`);
}

/**
 * @param {string} directory
 * @returns {string} where a local run keeps them
 */
export const secretsKeysFile = (directory) => join(directory, 'secrets-keys');

/**
 * What a local run tells the application, on top of what the environment holds already.
 *
 * @param {object} facts
 * @param {number} facts.port
 * @param {string} facts.secret
 * @param {string} [facts.secretsKeys]
 * @param {import('./postgres.mjs').Connection} facts.database
 * @param {import('./redis.mjs').RedisServer} [facts.redis] undefined: the one that `REDIS_*` names
 * @param {import('./mail-catcher.mjs').MailCatcher} [facts.mail] undefined: the one that `SMTP_*` names
 * @returns {Record<string, string>}
 */
export function appEnvironment({ port, secret, secretsKeys, database, redis, mail }) {
  const nodeEnv = setting('NODE_ENV') ?? 'development';
  return {
    NODE_ENV: nodeEnv,
    PORT: String(port),
    HOST: listeningHost(),
    PUBLIC_URL: setting('PUBLIC_URL') ?? urlOf(port),
    JWT_SECRET: secret,
    ...(secretsKeys && { SECRETS_KEYS: secretsKeys }),
    ...databaseEnvironment(database),
    ...(redis && redisEnvironment(redis)),
    ...(mail && mailEnvironment(mail)),
    HTTP_JOBS_ALLOW_LOOPBACK:
      setting('HTTP_JOBS_ALLOW_LOOPBACK') ?? String(nodeEnv !== 'production' && isThisMachineOnly(listeningHost())),
  };
}

/** @param {import('./redis.mjs').RedisServer} server */
const redisEnvironment = ({ host, port, password }) => ({
  REDIS_HOST: host,
  REDIS_PORT: String(port),
  REDIS_PASSWORD: password ?? '',
  REDIS_TLS: 'false',
  ...Object.fromEntries(['', '_CA', '_CERT', '_KEY'].map((part) => [`REDIS_SSL${part}`, ''])),
});

/** @param {import('./mail-catcher.mjs').MailCatcher} server */
const mailEnvironment = ({ host, port }) => ({
  SMTP_HOST: host,
  SMTP_PORT: String(port),
  SMTP_SECURE: 'false',
  SMTP_REQUIRE_TLS: 'false',
});

/**
 * @returns {string} the address that a local run listens on: this machine alone, unless `HOST` says otherwise. Anybody may register there, and
 * its http jobs may call this machine
 */
export const listeningHost = () => setting('HOST') ?? '127.0.0.1';

/**
 * @param {string} host
 * @returns {boolean} whether nobody but this machine reaches it
 */
export const isThisMachineOnly = (host) => host === 'localhost' || host === '::1' || /^127\./.test(host);

/**
 * @param {number} port
 * @returns {string} where a person on this machine finds the application
 */
export function urlOf(port) {
  const host = listeningHost();
  const name = ['0.0.0.0', '::', '127.0.0.1'].includes(host) ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
