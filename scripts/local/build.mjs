import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitForLock } from './pid-file.mjs';
import { runTask } from './processes.mjs';
import { LaunchError } from './progress.mjs';

const settings = ['tsconfig.json', 'tsconfig.build.json', 'nest-cli.json', 'package-lock.json'];
const stampFile = 'dist/.built-from';
const lockFile = 'node_modules/.cache/punctual-build.lock';
const settleMs = 150;
const buildPatienceMs = 180_000;

/**
 * Compiles `src` into `dist` unless `dist` was built from exactly these sources. Runs in the project's folder.
 *
 * @returns {Promise<'built' | 'up to date'>}
 * @throws {LaunchError} with the compiler's words
 */
export async function ensureBuilt() {
  const lock = await lockBuild();
  try {
    const stamp = sourceStamp();
    if (existsSync('dist/main.js') && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) {
      return 'up to date';
    }
    if (!existsSync('dist/main.js')) rmSync('dist', { recursive: true, force: true });
    const { ok, end, output } = await runTask([process.execPath, 'node_modules/@nestjs/cli/bin/nest.js', 'build']);
    if (!ok) throw new LaunchError(`The build failed (${end}):\n${output}`);
    removeOrphans();
    writeFileSync(stampFile, stamp);
    return 'built';
  } finally {
    lock.release();
  }
}

/**
 * @param {() => void} changed called once the sources have been quiet for a moment after a change
 * @returns {() => void} stops watching
 */
export function watchSources(changed) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const watcher = watch('src', { recursive: true }, (_event, file) => {
    if (!file || !isSource(file)) return;
    clearTimeout(timer);
    timer = setTimeout(changed, settleMs);
  });
  return () => {
    clearTimeout(timer);
    watcher.close();
  };
}

/** @param {string} file */
const isSource = (file) => !file.endsWith('.spec.ts');

/** What `dist` depends on: names, sizes and times of change. */
function sourceStamp() {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(isSource).sort();
  const hash = createHash('sha256');
  for (const file of [...settings, ...sources.map((source) => join('src', source))]) {
    if (!existsSync(file)) continue;
    const { mtimeMs, size } = statSync(file);
    if (statSync(file).isFile()) hash.update(`${file} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/** Removes what was compiled from sources that are gone: a deleted migration must not run. */
function removeOrphans() {
  for (const file of readdirSync('dist', { recursive: true, encoding: 'utf8' })) {
    const [, stem] = /^(.+?)\.(?:js|js\.map|d\.ts)$/.exec(file) ?? [];
    if (stem && !existsSync(join('src', `${stem}.ts`))) rmSync(join('dist', file));
  }
}

/** Two launches out of one folder must not compile over each other. */
async function lockBuild() {
  mkdirSync('node_modules/.cache', { recursive: true });
  const lock = await waitForLock(lockFile, 'build', buildPatienceMs);
  if ('release' in lock) return lock;
  throw new LaunchError(`Process ${lock.holder.pid} has been building for long. End it, or delete ${lockFile}.`);
}
