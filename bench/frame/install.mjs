import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTask } from '../../scripts/local/processes.mjs';
import { LaunchError } from '../../scripts/local/progress.mjs';

const bench = join(import.meta.dirname, '..');
const stampFile = join(bench, 'node_modules', '.installed-from');

/**
 * Installs the peers into `bench/node_modules` unless they are there as the lock file has them.
 *
 * @returns {Promise<'installed' | 'there'>}
 * @throws {LaunchError} with npm's words
 */
export async function ensureInstalled() {
  const stamp = createHash('sha256')
    .update(readFileSync(join(bench, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return 'there';
  rmSync(stampFile, { force: true });
  // Some peers need a newer Node.js than npm sees here; they get it.
  const line = ['npm', 'ci', '--prefix', bench, '--no-audit', '--no-fund', '--loglevel=error'];
  const { ok, end, output } = await runTask(line, { interruptible: false });
  if (!ok) throw new LaunchError(`The peers could not be installed (npm ci in bench/: ${end}):\n${output}`);
  writeFileSync(stampFile, stamp);
  return 'installed';
}

/**
 * @param {string | undefined} wanted oldest version that will do, `22.18.0`
 * @returns {string} a Node.js program that is new enough: this one, or the one among the peers
 */
export function nodeFor(wanted) {
  return wanted === undefined || atLeast(process.versions.node, wanted)
    ? process.execPath
    : join(bench, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

/** @returns {string} version of the Node.js among the peers */
export const newerNodeVersion = () =>
  JSON.parse(readFileSync(join(bench, 'node_modules', 'node', 'package.json'), 'utf8')).version;

/**
 * @param {string} version
 * @param {string} wanted
 */
function atLeast(version, wanted) {
  const [a = [], b = []] = [version, wanted].map((text) => text.split('.').map(Number));
  const differing = a.findIndex((part, index) => part !== b[index]);
  return differing === -1 || (a[differing] ?? 0) > (b[differing] ?? 0);
}
