import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readPidFile, writePidFile } from './pid-file.mjs';
import { freePort } from './ports.mjs';
import { ended, identify, spawnServer, stopProcess } from './processes.mjs';
import { LaunchError } from './progress.mjs';
import { findOrInstallRedis } from './redis-program.mjs';

/** @typedef {{ host: string, port: number, password: string | undefined, pid: number, ended: Promise<string>, stop(): Promise<void> }} RedisServer */

const host = '127.0.0.1';
const startTimeoutMs = 10_000;
const startAttempts = 3;

/**
 * Starts a private Redis on 127.0.0.1 that keeps nothing on disk and never evicts. A server that a killed launcher left is
 * stopped first.
 *
 * @param {object} options
 * @param {string} options.directory for its pid file and log; made when missing
 * @param {number} [options.port] a free one by default
 * @param {string} [options.password] that clients must name; none by default
 * @returns {Promise<RedisServer>}
 */
export async function startRedis({ directory, port, password }) {
  const folder = resolve(directory);
  const [pidFile, logFile] = [join(folder, 'redis.pid.json'), join(folder, 'redis.log')];
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const program = await findOrInstallRedis();
  await stopProcess(readPidFile(pidFile), 'SIGTERM');

  for (let attempt = 1; ; attempt += 1) {
    const server = { host, port: port ?? (await freePort()), password };
    // By standard input: a password among the arguments could be read by every user of the machine.
    const child = spawnServer(program, ['-'], { logFile, input: configuration(server, folder) });
    writePidFile(pidFile, child.pid);
    const end = ended(child);
    if (await answers(server, end)) {
      const pid = /** @type {number} */ (child.pid);
      const identity = identify(pid);
      const stop = () => stopProcess(identity, 'SIGTERM').then(() => rmSync(pidFile, { force: true }));
      return { ...server, pid, ended: end, stop };
    }
    await stopProcess(identify(child.pid), 'SIGTERM');
    if (attempt === startAttempts || port !== undefined) {
      const log = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-10).join('\n');
      throw new LaunchError(`${program} does not start: ${await end}. Its log (${logFile}) ends:\n${log}`);
    }
  }
}

/**
 * @param {{ port: number, password: string | undefined }} server
 * @param {string} folder
 */
function configuration({ port, password }, folder) {
  const lines = [
    `bind ${host}`,
    `port ${port}`,
    `dir ${JSON.stringify(folder)}`,
    'save ""',
    'appendonly no',
    'maxmemory-policy noeviction',
    'daemonize no',
    ...(password ? [`requirepass ${password}`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * @param {{ port: number, password: string | undefined }} server
 * @param {Promise<string>} end
 * @returns {Promise<boolean>} true once it says PONG, false if it has ended or stays silent
 */
async function answers({ port, password }, end) {
  let over = false;
  void end.then(() => (over = true));
  for (const deadline = performance.now() + startTimeoutMs; !over && performance.now() < deadline; await sleep(10)) {
    if (await ping(port, password)) return true;
  }
  return false;
}

/**
 * @param {number} port
 * @param {string | undefined} password
 * @returns {Promise<boolean>}
 */
function ping(port, password) {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => socket.write(`${password ? `AUTH ${password}\r\n` : ''}PING\r\n`));
    let answer = '';
    const finish = (/** @type {boolean} */ pong) => {
      socket.destroy();
      resolve(pong);
    };
    socket.setTimeout(1_000, () => finish(false));
    socket.on('error', () => finish(false));
    socket.on('close', () => finish(false));
    socket.on('data', (chunk) => {
      answer += chunk.toString();
      if (answer.includes('+PONG')) finish(true);
    });
  });
}
