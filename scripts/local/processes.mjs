import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A process as the operating system knows it. `started` tells two processes apart that had the same pid one after the other.
 *
 * @typedef {{ pid: number, started: string, command: string }} Identity
 */

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

/** @type {Set<ChildProcess>} */
const children = new Set();
/** @type {Set<ChildProcess>} */
const tasks = new Set();

/**
 * Remembers a child until it ends.
 *
 * @template {ChildProcess} Child
 * @param {Child} child
 * @returns {Child}
 */
export function track(child, set = children) {
  set.add(child);
  child.once('exit', () => set.delete(child));
  return child;
}

/** Ends every child at once, without asking: for somebody who does not want to wait. */
export function killAllChildren() {
  for (const child of [...children, ...tasks]) child.kill('SIGKILL');
}

/** Ends the tasks of {@link runTask} that are under way. */
export function interruptTasks() {
  for (const task of tasks) task.kill('SIGTERM');
}

/**
 * Runs a program to its end.
 *
 * @param {string[]} line program and arguments
 * @param {{ env?: NodeJS.ProcessEnv, show?: boolean, interruptible?: boolean }} [options] `show` lets its output through;
 *   a program that is not `interruptible` (a package manager) is left to finish
 * @returns {Promise<{ ok: boolean, end: string, output: string }>} `output`: both streams, empty with `show`
 */
export async function runTask([command = '', ...args], { env, show = false, interruptible = true } = {}) {
  const output = show ? 'inherit' : 'pipe';
  const task = spawn(command, args, { env: env ?? process.env, stdio: ['ignore', output, output] });
  track(task, interruptible ? tasks : new Set());
  let text = '';
  for (const stream of [task.stdout, task.stderr]) stream?.on('data', (chunk) => (text += String(chunk)));
  const end = await new Promise((/** @type {(value: string) => void} */ resolve) => {
    task.once('error', (error) => resolve(error.message));
    task.once('close', (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`));
  });
  return { ok: end === 'exit code 0', end, output: text };
}

/**
 * Starts a server in a process group of its own, so that a Ctrl-C in the terminal reaches the launcher alone, which then
 * stops everything in order. What the server says goes to `logFile`, begun anew.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ logFile: string, input?: string }} options `input` is written to its standard input
 */
export function spawnServer(command, args, { logFile, input }) {
  const log = openSync(logFile, 'w', 0o600);
  const child = track(
    spawn(command, args, { detached: true, stdio: [input === undefined ? 'ignore' : 'pipe', log, log] }),
  );
  closeSync(log);
  child.stdin?.on('error', () => {}); // a server that died early says why in its log
  child.stdin?.end(input);
  return child;
}

/**
 * @param {ChildProcess} child
 * @returns {Promise<string>} how it ended: `exit code 1`, `signal SIGKILL`, or why it could not be started
 */
export function ended(child) {
  if (child.exitCode !== null) return Promise.resolve(`exit code ${child.exitCode}`);
  if (child.signalCode !== null) return Promise.resolve(`signal ${child.signalCode}`);
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`));
  });
}

/**
 * @param {number | undefined} pid
 * @returns {Identity | undefined} undefined when no such process is alive
 */
export function identify(pid) {
  if (!pid || !Number.isSafeInteger(pid) || pid <= 1) return undefined;
  return process.platform === 'linux' ? identifyByProc(pid) : identifyByPs(pid);
}

/** @param {number} pid */
function identifyByProc(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, started] = [fields[0], fields[19]];
    if (state === 'Z' || !started) return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return { pid, started, command };
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function identifyByPs(pid) {
  const ask = (/** @type {string} */ field) =>
    spawnSync('ps', ['-o', `${field}=`, '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim() ?? '';
  const started = ask('lstart');
  return started && !ask('state').startsWith('Z') ? { pid, started, command: ask('command') } : undefined;
}

/** @param {Identity} identity */
export const isAlive = (identity) => identify(identity.pid)?.started === identity.started;

/**
 * @param {Identity} identity
 * @param {number} timeoutMs
 * @returns {Promise<boolean>} whether it has ended in time
 */
export async function waitUntilGone(identity, timeoutMs) {
  for (const deadline = performance.now() + timeoutMs; isAlive(identity); await sleep(20)) {
    if (performance.now() > deadline) return false;
  }
  return true;
}

/**
 * Stops exactly this process: signal after signal, each with its patience, SIGKILL last.
 *
 * @param {Identity | undefined} identity
 * @param {NodeJS.Signals} signal the polite one
 * @param {number} [patienceMs]
 */
export async function stopProcess(identity, signal, patienceMs = 8_000) {
  if (!identity) return;
  for (const [next, patience] of /** @type {const} */ ([
    [signal, patienceMs],
    ['SIGKILL', 5_000],
  ])) {
    if (!isAlive(identity)) return;
    try {
      process.kill(identity.pid, next);
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
    }
    if (await waitUntilGone(identity, patience)) return;
  }
  throw new Error(`Process ${identity.pid} (${identity.command}) does not stop.`);
}
