import { spawnSync } from 'node:child_process';
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
  const line = ['npm', 'ci', '--prefix', bench, '--no-audit', '--no-fund', '--loglevel=error'];
  const { ok, end, output } = await runTask(line, { interruptible: false });
  if (!ok) throw new LaunchError(`The peers could not be installed (npm ci in bench/: ${end}):\n${output}`);
  writeFileSync(stampFile, stamp);
  return 'installed';
}

/** The Node.js among the peers, on which everything is measured unless another is asked for: what the product's image has. */
export const usualNode = join(bench, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/**
 * @param {string} node a program
 * @returns {string} its version, `24.21.0`
 * @throws {LaunchError} if it is none
 */
export function versionOf(node) {
  const { stdout } = spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' });
  if (!/^\d+\.\d+\.\d+\n$/.test(stdout ?? ''))
    throw new LaunchError(`${node} is not a Node.js. Give a program: --node "$(command -v node)"`);
  return stdout.trim();
}
