import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ended, identify, stopProcess, track } from '../../scripts/local/processes.mjs';
import { cpuSeconds, familyOf, machineCpuSeconds } from './cpu.mjs';

/**
 * @typedef {object} Order
 * @property {string} module URL of the subject or scenario
 * @property {import('../subject.d.ts').Measurement} measurement
 * @property {number} count
 * @property {number} seconds
 * @property {boolean} quick
 * @property {boolean} [whole]
 * @property {import('../subject.d.ts').Services} services
 *
 * @typedef {object} Costs of what happened inside the windows
 * @property {number} [cpuSeconds] user and system, of the subject's processes, PostgreSQL and Redis
 * @property {number} walBytes
 * @property {number} [othersShare] of the machine's CPU time that went to anybody else, 0 to 1
 */

/** How long a subject may take, with all that goes before and after. */
export const usualPatienceMs = 240_000;
const farewellMs = 10_000;

/**
 * Runs one subject or scenario in a process of its own, and takes stock when it opens and closes its window.
 *
 * @param {Order} order
 * @param {object} surroundings
 * @param {string} surroundings.node program
 * @param {import('./stage.mjs').Stage} surroundings.stage
 * @param {number} surroundings.cores
 * @param {(line: string) => void} surroundings.say
 * @param {AbortSignal} surroundings.signal
 * @param {number} [surroundings.patienceMs]
 * @returns {Promise<{ result: unknown, costs: Costs }>}
 * @throws {Error} with what the process said last, if it fails or is not done in time
 */
export async function measure(order, { node, stage, cores, say, signal, patienceMs = usualPatienceMs }) {
  const logFile = join(stage.folder, 'subject.log');
  const log = openSync(logFile, 'w', 0o600);
  const child = track(
    spawn(node, [join(import.meta.dirname, 'subject-process.mjs')], {
      env: subjectEnvironment(),
      stdio: ['ignore', log, log, 'ipc'],
    }),
  );
  closeSync(log);
  const pid = child.pid ?? 0;
  const takeStock = async () => {
    const [cpu, machine] = [cpuSeconds([pid, stage.postgres.pid, stage.redis.pid]), machineCpuSeconds()];
    return { cpu, machine, wal: await stage.walBytes(), at: performance.now() };
  };
  /** @type {Awaited<ReturnType<typeof takeStock>> | undefined} */
  let opened;
  const total = { cpu: 0, machine: 0, wal: 0, ms: 0 };
  const turn = async (/** @type {'open' | 'close'} */ window) => {
    const now = await takeStock();
    if (window === 'open') opened = now;
    else if (opened) {
      total.cpu += (now.cpu ?? NaN) - (opened.cpu ?? NaN);
      total.machine += (now.machine ?? NaN) - (opened.machine ?? NaN);
      total.wal += now.wal - opened.wal;
      total.ms += now.at - opened.at;
    }
    child.send('answered');
  };

  const over = new AbortController();
  try {
    const result = await new Promise((resolve, reject) => {
      const lastWords = (/** @type {string} */ why) => reject(new Error(`${why}\n${tail(logFile)}`));
      child.on('message', (/** @type {any} */ message) => {
        if (message.window) turn(message.window).catch(reject);
        else if (message.line) say(message.line);
        else if (message.failure) lastWords(message.failure);
        else resolve(message.result);
      });
      void ended(child).then((end) => lastWords(`It ended (${end}).`));
      const tooLate = () => lastWords(`It was not done after ${patienceMs / 1_000} s.`);
      const timer = setTimeout(tooLate, patienceMs);
      over.signal.addEventListener('abort', () => clearTimeout(timer));
      signal.addEventListener('abort', () => reject(signal.reason), { signal: over.signal });
      child.send(order);
    });
    const othersShare = Math.max(0, total.machine - total.cpu) / ((total.ms / 1_000) * cores);
    return {
      result,
      costs: {
        walBytes: total.wal,
        ...(Number.isFinite(total.cpu) && { cpuSeconds: total.cpu }),
        ...(Number.isFinite(othersShare) && { othersShare }),
      },
    };
  } finally {
    over.abort();
    await leave(child);
  }
}

/** A subject sees the bench's own settings no more than a program started by hand would. */
function subjectEnvironment() {
  const { PATH, HOME, TZ, LANG, TMPDIR } = process.env;
  return Object.fromEntries(
    Object.entries({ PATH, HOME, TZ, LANG, TMPDIR, NODE_ENV: 'production' }).filter(([, value]) => value !== undefined),
  );
}

/**
 * Ends a subject's process, which has nothing left to do, and whatever it may have left behind.
 *
 * @param {import('node:child_process').ChildProcess} child
 */
async function leave(child) {
  const family = familyOf([child.pid ?? 0]).map((pid) => identify(pid));
  if (child.connected) child.disconnect(); // which it takes as the end
  for (const member of family) await stopProcess(member, 'SIGTERM', farewellMs);
}

/** @param {string} file */
const tail = (file) => readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
