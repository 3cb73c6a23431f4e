import { readFileSync, readdirSync } from 'node:fs';

/** What Linux counts CPU time in, everywhere that Node.js runs (`getconf CLK_TCK`). */
const ticksPerSecond = 100;

/**
 * @typedef {{ parent: number, ticks: number }} ProcessTimes
 * `ticks`: user and system time of the process and of those children that have ended
 */

/** @returns {Map<number, ProcessTimes>} all processes by pid; empty where there is no /proc */
function processes() {
  const found = new Map();
  if (process.platform !== 'linux') return found;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
      found.set(Number(name), { parent: Number(fields[1]), ticks });
    } catch {
      continue; // it has just ended
    }
  }
  return found;
}

/**
 * @param {readonly number[]} roots pids
 * @returns {number[]} them and all that descend from them
 */
export function familyOf(roots, all = processes()) {
  const family = new Set(roots);
  for (let before = -1; before !== family.size;) {
    before = family.size;
    for (const [pid, { parent }] of all) if (family.has(parent)) family.add(pid);
  }
  return [...family].filter((pid) => all.has(pid));
}

/**
 * @param {readonly number[]} roots pids
 * @returns {number | undefined} user and system time that they and all their descendants have used so far, seconds; undefined
 *   where the system does not tell
 */
export function cpuSeconds(roots) {
  const all = processes();
  if (all.size === 0) return undefined;
  return familyOf(roots, all).reduce((sum, pid) => sum + (all.get(pid)?.ticks ?? 0), 0) / ticksPerSecond;
}

/**
 * @returns {number | undefined} CPU time that anybody on this machine has used so far, and that its host has taken away,
 *   seconds; undefined where the system does not tell
 */
export function machineCpuSeconds() {
  if (process.platform !== 'linux') return undefined;
  const [first = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1);
  const [user = 0, nice = 0, system = 0, , , interrupts = 0, soft = 0, stolen = 0] = first
    .replace(/^cpu +/, '')
    .split(' ')
    .map(Number);
  return (user + nice + system + interrupts + soft + stolen) / ticksPerSecond;
}
