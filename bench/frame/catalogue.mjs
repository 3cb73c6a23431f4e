import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LaunchError } from '../../scripts/local/progress.mjs';
import { measurements } from './measurements.mjs';

/**
 * @template T
 * @typedef {T & { module: string }} Found `module`: its URL
 */

/** @returns {Promise<Found<import('../subject.d.ts').Subject>[]>} */
export const subjects = () => modules('subjects', 'subject');

/** @returns {Promise<Found<import('../subject.d.ts').Scenario>[]>} */
export const scenarios = () => modules('product', 'scenario');

/**
 * Subjects and scenarios import what they measure in `prepare` and `run`: to list them needs none of it.
 *
 * @param {string} folder
 * @param {string} name of the export
 */
async function modules(folder, name) {
  const path = join(import.meta.dirname, '..', folder);
  // A program that stands there for itself must not be started by being looked at.
  const files = existsSync(path)
    ? readdirSync(path).filter(
        (file) => file.endsWith('.mjs') && readFileSync(join(path, file), 'utf8').includes(`export const ${name}`),
      )
    : [];
  const found = [];
  for (const file of files.sort()) {
    const module = pathToFileURL(join(path, file)).href;
    found.push({ ...(await import(module))[name], module });
  }
  return found;
}

/**
 * @template {{ name: string }} T
 * @param {readonly T[]} all
 * @param {string | undefined} wanted names, or their beginnings up to a hyphen, with commas between
 * @param {string} option that they stand in
 * @returns {T[]}
 * @throws {LaunchError} for a name that fits nothing
 */
export function choose(all, wanted, option) {
  if (wanted === undefined) return [...all];
  const names = wanted.split(',').map((name) => name.trim());
  const fits = (/** @type {T} */ { name }, /** @type {string} */ given) =>
    name === given || name.startsWith(`${given}-`);
  const lost = names.find((given) => !all.some((one) => fits(one, given)));
  if (lost !== undefined) {
    throw new LaunchError(`--${option}: "${lost}" is none of ${all.map(({ name }) => name).join(', ')}.`);
  }
  return all.filter((one) => names.some((given) => fits(one, given)));
}

/** @returns {Promise<{ name: string }[]>} whatever `--only` may name */
export const choices = async () => [...measurements, ...(await scenarios())];
