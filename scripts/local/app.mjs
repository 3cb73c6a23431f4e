import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { readPidFile, writePidFile } from './pid-file.mjs';
import { ended, identify, stopProcess, track, waitUntilGone } from './processes.mjs';
import { LaunchError } from './progress.mjs';

/** @typedef {{ pid: number, ended: Promise<string>, ready(signal: AbortSignal): Promise<void>, stop(): Promise<void> }} App */

const readyTimeoutMs = 90_000;
const leaveAloneMs = 10_000;

/**
 * Starts Punctual itself. The IPC channel is its lifeline: should this process be killed, the application sees the channel
 * close and leaves as well.
 *
 * @param {object} options
 * @param {Record<string, string>} options.environment on top of this process's own
 * @param {string} options.pidFile
 * @param {string} options.url where its health is asked for
 * @returns {App}
 */
export function startApp({ environment, pidFile, url }) {
  const child = track(
    spawn(process.execPath, ['--enable-source-maps', 'dist/main.js'], {
      detached: true,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    }),
  );
  writePidFile(pidFile, child.pid);
  const identity = identify(child.pid);
  const end = ended(child);
  return {
    pid: child.pid ?? 0,
    ended: end,
    ready: (signal) => untilReady(url, end, signal),
    stop: () => stopProcess(identity, 'SIGTERM', leaveAloneMs),
  };
}

/**
 * An application whose launcher was killed is on its way out: it gets the time for that, and is stopped if it lingers.
 *
 * @param {string} pidFile
 */
export async function clearLeftOverApp(pidFile) {
  const leftOver = readPidFile(pidFile);
  if (!leftOver) return;
  console.log(`Waiting for process ${leftOver.pid} to leave: its launcher was killed.`);
  if (!(await waitUntilGone(leftOver, leaveAloneMs))) await stopProcess(leftOver, 'SIGTERM');
}

/**
 * @param {string} url
 * @param {Promise<string>} end
 * @param {AbortSignal} signal
 */
async function untilReady(url, end, signal) {
  let answer = 'no answer';
  /** @type {string | undefined} */
  let over;
  void end.then((how) => (over = how));
  for (const deadline = performance.now() + readyTimeoutMs; performance.now() < deadline; await sleep(50)) {
    signal.throwIfAborted();
    if (over) throw new LaunchError(`Punctual ended while starting (${over}). Its own words above say why.`);
    try {
      const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(5_000) });
      if (response.status === 200) return;
      answer = `${response.status} ${await response.text()}`;
    } catch {
      continue; // not listening yet
    }
  }
  throw new LaunchError(`Punctual is not ready after ${readyTimeoutMs / 1_000} s. GET ${url}/health/ready: ${answer}`);
}
