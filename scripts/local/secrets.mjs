import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/** @returns {string} 64 URL-safe characters out of 48 random bytes */
export const freshSecret = () => randomBytes(48).toString('base64url');

/** @returns {string} 32 random bytes in base64 */
export const freshKey = () => randomBytes(32).toString('base64');

/**
 * A strong secret that is made once and kept in a file that its owner alone can read.
 *
 * @param {string} path
 * @param {() => string} [fresh]
 * @returns {string}
 */
export function keptSecret(path, fresh = freshSecret) {
  if (!existsSync(path)) {
    writeFileSync(`${path}.new`, `${fresh()}\n`, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }
  chmodSync(path, 0o600);
  return readFileSync(path, 'utf8').trim();
}
