import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { summary } from './statistics.mjs';

/**
 * @param {string} folder that the servers write to
 * @returns {string} what a reader must know of this machine to compare figures with those of another
 */
export function machineLine(folder) {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const cores = `${availableParallelism()} cores (${model})`;
  return `${cores}, ${memory}, ${type()} ${release()}, a write of 8 kB made durable in ${fsyncMs(folder).toFixed(2)} ms`;
}

/** @param {string} folder */
function fsyncMs(folder) {
  const path = join(folder, 'fsync');
  const file = openSync(path, 'w');
  const page = Buffer.alloc(8_192, 1);
  const times = Array.from({ length: 50 }, (_, index) => {
    const began = performance.now();
    writeSync(file, page, 0, page.length, (index % 10) * page.length);
    fdatasyncSync(file);
    return performance.now() - began;
  });
  closeSync(file);
  rmSync(path);
  return summary(times).median;
}
