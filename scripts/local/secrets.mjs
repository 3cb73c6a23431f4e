import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/** @returns {string} 64 URL-safe characters out of 48 random bytes */
export const freshSecret = () => randomBytes(48).toString('base64url');

/**
 * A strong secret that is made once and kept in a file that its owner alone can read.
 *
 * @param {string} path
 * @returns {string}
 */
export function keptSecret(path) {
  if (!existsSync(path)) {
    writeFileSync(`${path}.new`, `${freshSecret()}\n`, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }
  chmodSync(path, 0o600);
  return readFileSync(path, 'utf8').trim();
}
