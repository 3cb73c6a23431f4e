import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, isAlive } from './processes.mjs';

/** @typedef {import('./processes.mjs').Identity} Identity */

/**
 * Notes which process something belongs to, with its start time: a later process with the same pid is not mistaken for it.
 *
 * @param {string} path
 * @param {number | undefined} pid
 */
export function writePidFile(path, pid) {
  const identity = identify(pid);
  if (identity) writeFileSync(path, JSON.stringify(identity), { mode: 0o600 });
}

/**
 * @param {string} path
 * @returns {Identity | undefined} the process that the file names, if that very process is still alive
 */
export function readPidFile(path) {
  try {
    const identity = /** @type {Identity} */ (JSON.parse(readFileSync(path, 'utf8')));
    return isAlive(identity) ? identity : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @typedef {object} Lock
 * @property {() => void} release
 * @property {() => void} leaving tells those who wait that the release is near
 *
 * @typedef {Identity & { work?: string, leaving?: boolean }} Holder
 */

const leavingPatienceMs = 30_000;

/**
 * Takes a lock for this process; a lock whose process is gone is taken over.
 *
 * @param {string} path
 * @param {string} work that the lock is held for, told to others
 * @returns {Lock | { holder: Holder }}
 */
function takeLock(path, work) {
  const draft = `${path}.${process.pid}`;
  const note = { ...identify(process.pid), work };
  const write = (/** @type {object} */ content) => writeFileSync(draft, JSON.stringify(content), { mode: 0o600 });
  const leaving = () => {
    write({ ...note, leaving: true });
    renameSync(draft, path);
  };
  write(note);
  try {
    for (;;) {
      try {
        linkSync(draft, path); // fails if the lock exists, and is never seen half written
        return { release: () => rmSync(path, { force: true }), leaving };
      } catch (error) {
        if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
      }
      const holder = readPidFile(path);
      if (holder) return { holder };
      rmSync(path, { force: true });
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * Takes a lock, trying again for a while if somebody else holds it, and for longer if the holder is about to leave.
 *
 * @param {string} path
 * @param {string} work
 * @param {number} patienceMs
 * @returns {Promise<Lock | { holder: Holder }>}
 */
export async function waitForLock(path, work, patienceMs) {
  for (const began = performance.now(); ; await sleep(100)) {
    const lock = takeLock(path, work);
    if ('release' in lock) return lock;
    const patience = lock.holder.leaving ? leavingPatienceMs : patienceMs;
    if (performance.now() - began > patience) return lock;
  }
}
